"""Xero's date formats. Internally, a time is a number of milliseconds since 1970 in UTC."""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def to_ms(at: datetime) -> int:
    """Return the milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def from_ms(at: int) -> datetime:
    """Return the aware UTC datetime of a number of milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC)


def format_with_offset(at: int) -> str:
    """Format the time of a field: /Date(1789378196227+0000)/."""
    return f"/Date({at}+0000)/"


def format_without_offset(at: int) -> str:
    """Format the time of an envelope, where Xero omits the offset: /Date(1789378196250)/."""
    return f"/Date({at})/"


def format_iso(at: int) -> str:
    """Format a time to the second, without a zone: 2026-09-14T09:29:27."""
    return from_ms(at).strftime("%Y-%m-%dT%H:%M:%S")


def format_for_page(at: int) -> str:
    """Format a time as the pages show it: 2026-09-14 09:29:27 UTC."""
    return from_ms(at).strftime("%Y-%m-%d %H:%M:%S UTC")


def format_seven_digits(at: int) -> str:
    """Format a time as /connections does: seven fractional digits and no zone."""
    return f"{format_iso(at)}.{at % 1000:03d}0000"


def parse_if_modified_since(value: str) -> int | None:
    """Parse the header If-Modified-Since; UTC if it names no zone, None if it is no date.

    Xero documents plain UTC to the second; its SDKs also send fractions, zones and HTTP dates.
    """
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError):
            parsed = parse(value.strip())
            return to_ms(parsed.replace(microsecond=0, tzinfo=parsed.tzinfo or UTC))
    return None
