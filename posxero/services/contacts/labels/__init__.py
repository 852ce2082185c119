"""Groups and tags: those that a business has, and those of its contacts."""
