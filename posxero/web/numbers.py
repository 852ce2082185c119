"""Parse the numbers and ids of query strings and forms; an invalid number becomes the default, an invalid id None."""

from uuid import UUID

MAX_DIGITS = 9  # fits every integer column and every OFFSET


def parse_int(text: str | None, default: int) -> int:
    """Parse ASCII digits; return the default for anything else."""
    written = text or ""
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= MAX_DIGITS else default


def parse_uuid(text: str | None) -> UUID | None:
    """Parse an id; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
