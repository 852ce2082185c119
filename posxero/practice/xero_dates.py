"""Xero's ways of writing a moment. Inside, a moment is a count of milliseconds since 1970 in UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")


def to_ms(moment: datetime) -> int:
    """Count the milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(moment: int) -> datetime:
    """Return the aware UTC datetime of a count of milliseconds."""
    return datetime.fromtimestamp(moment / 1000, UTC)


def with_offset(moment: int) -> str:
    """Write a field's moment: /Date(1789378196227+0000)/."""
    return f"/Date({moment}+0000)/"


def without_offset(moment: int) -> str:
    """Write an envelope's moment, in which Xero leaves the offset out: /Date(1789378196250)/."""
    return f"/Date({moment})/"


def plain(moment: int) -> str:
    """Write a moment without a zone, to the second: 2026-09-14T09:29:27."""
    return from_ms(moment).strftime("%Y-%m-%dT%H:%M:%S")


def for_people(moment: int) -> str:
    """Write a moment as the pages show it: 2026-09-14 09:29:27 UTC."""
    return from_ms(moment).strftime("%Y-%m-%d %H:%M:%S UTC")


def seven_digits(moment: int) -> str:
    """Write a moment as /connections does: seven fractional digits and no zone."""
    return f"{plain(moment)}.{moment % 1000:03d}0000"


def read_if_modified_since(value: str) -> int | None:
    """Read the header If-Modified-Since; UTC where it names no zone, None where it is no date.

    Xero documents plain UTC to the second; its SDKs also send fractions, zones and HTTP dates.
    """
    if found := ISO.fullmatch(value.strip()):
        day, time, zone = found.groups()
        return to_ms(datetime.fromisoformat(f"{day}T{time or '00:00:00'}{zone or 'Z'}"))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
