"""What documents mean together: patterns and conditions parsed, roots and sets expanded, names looked up."""
