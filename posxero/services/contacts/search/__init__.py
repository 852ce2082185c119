"""Find contacts: the keys that are compared, the statements and the pages of results."""
