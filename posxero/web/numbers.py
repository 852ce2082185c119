"""Parse the numbers of query strings and forms; an invalid number becomes the default."""

MAX_DIGITS = 9  # fits every integer column and every OFFSET


def parse_int(text: str | None, default: int) -> int:
    """Parse ASCII digits; return the default for anything else."""
    written = text or ""
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= MAX_DIGITS else default
