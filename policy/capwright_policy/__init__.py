"""What it means: graph, checks, proof, explanation and emitters. Imports `registry` alone."""
