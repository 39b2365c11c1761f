"""What may happen: proof checker, admission, mediators and adapters. Imports `registry` alone."""
