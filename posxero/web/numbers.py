"""Numbers out of addresses and forms: whatever cannot be one is a default, never an error."""

DIGITS = 9  # of a number, at most: fits every column and every OFFSET


def whole(text: str | None, default: int) -> int:
    """Read a whole number of ASCII digits."""
    written = text or ""
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= DIGITS else default
