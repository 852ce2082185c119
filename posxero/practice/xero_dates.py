"""Xero's date formats. Internally, a time is a number of milliseconds since 1970 in UTC."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime

DATE_IN_JSON = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")


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


def midnight(day: date) -> int:
    """Return the time by which Xero writes a calendar date: its midnight in UTC."""
    return to_ms(datetime.combine(day, time(), UTC))


def format_date(day: date) -> str:
    """Format a calendar date: /Date(1789344000000+0000)/."""
    return format_with_offset(midnight(day))


def format_date_string(day: date) -> str:
    """Format a calendar date as its twin ending in String has it: 2026-09-14T00:00:00."""
    return f"{day.isoformat()}T00:00:00"


def parse_date(value: str) -> date | None:
    """Parse a calendar date of a request, 2026-09-14 with or without a time or /Date(…)/; None if it is none."""
    if found := DATE_IN_JSON.fullmatch(value.strip()):
        with suppress(ValueError, OverflowError, OSError):
            return from_ms(int(found[1])).date()
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(value.strip()).date()
    return None


def date_in(zone: tzinfo, at: int) -> date:
    """Return the calendar date of a time in a time zone."""
    return from_ms(at).astimezone(zone).date()
