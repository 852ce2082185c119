"""How often Xero is asked what changed, by the calls that it allows a day."""

from datetime import timedelta
from typing import Final

SCARCE_DAY_LIMIT: Final = 1000  # calls a day, of Xero's Starter tier ("OAuth 2.0 API limits")
LOW_SHARE: Final = 5  # less than a fifth of the day's calls is left
SLOWDOWN_WHERE_LOW: Final = 4  # times the usual interval


def poll_interval(usual: timedelta, where_scarce: timedelta, *, day_limit: int, used_today: int | None) -> timedelta:
    """Return the time between two polls.

    Args:
        usual: With a day limit above that of Xero's Starter tier.
        where_scarce: With a day limit up to that.
        day_limit: Calls a day.
        used_today: Of those; None when they cannot be counted at the moment.
    """
    interval = where_scarce if is_scarce(day_limit) else usual
    is_low = used_today is not None and (day_limit - used_today) * LOW_SHARE < day_limit
    return interval * SLOWDOWN_WHERE_LOW if is_low else interval


def is_scarce(day_limit: int) -> bool:
    """Return whether a day limit is that of Xero's Starter tier."""
    return day_limit <= SCARCE_DAY_LIMIT
