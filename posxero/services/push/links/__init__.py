"""Linking by hand: candidates, searches in Xero, contacts that were merged there, and links in trouble."""
