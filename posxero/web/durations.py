"""Format durations: in words for pages, and for the Retry-After header."""

import math
from datetime import timedelta

MINUTE, HOUR = 60, 3600  # seconds
MAX_SECONDS_SHOWN = 45  # a longer wait is shown in minutes


def retry_message(wait: timedelta) -> str:
    """Return the sentence that says when to try again, rounded up, so that a try after that wait is admitted."""
    seconds = int(retry_after(wait))
    if seconds <= MAX_SECONDS_SHOWN:
        return f"Wait {_count(seconds, 'second')} and try again."
    if seconds <= 90 * MINUTE:
        return f"Wait {_count(math.ceil(seconds / MINUTE), 'minute')} and try again."
    return f"Wait {_count(math.ceil(seconds / HOUR), 'hour')} and try again."


def format_duration(duration: timedelta) -> str:
    """Format a duration in its largest whole unit: "15 minutes", "12 hours"."""
    seconds = int(duration.total_seconds())
    for size, unit in ((HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size and seconds % size == 0:
            return _count(seconds // size, unit)
    return _count(seconds, "second")


def retry_after(wait: timedelta) -> str:
    """Return the value of a Retry-After header: whole seconds."""
    return str(max(1, math.ceil(wait.total_seconds())))


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
