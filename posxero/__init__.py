"""Retail POS: a shop's customers, kept in step with Xero."""
