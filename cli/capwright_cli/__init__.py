"""What people see: one command a file, one renderer a file. Imports every other room."""
