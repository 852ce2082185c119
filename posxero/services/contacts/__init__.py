"""Customers and suppliers: find, add, edit, archive; drafts, conflicts and duplicates."""
