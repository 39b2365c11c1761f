"""What is said: documents, patterns, conditions and discovery. Imports no other room."""
