"""The history of contacts: read it, restore a version of it, export it."""
