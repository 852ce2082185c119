"""The data of one person: hand it out as a file, and erase it."""
