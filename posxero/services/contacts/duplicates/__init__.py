"""Contacts that may be the same: asked about when one is added, and listed for those who clean up."""
