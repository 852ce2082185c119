"""Make two customers one, and take that back."""
