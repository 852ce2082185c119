"""What is done with a whole list: saved under a name, changed at once."""
