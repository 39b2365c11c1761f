"""What is written: strict models of the TOML documents, read within bounds, every key with its place."""
