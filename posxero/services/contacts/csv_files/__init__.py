"""Customers and suppliers as CSV files."""
