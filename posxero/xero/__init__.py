"""Xero: its wire, its tokens, its limits. The only package that speaks to it."""
