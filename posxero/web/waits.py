"""How long to wait, in words and for the Retry-After header."""

import math
from datetime import timedelta

MINUTE, HOUR = 60, 3600  # seconds
SECONDS_MAX = 45  # beyond that a wait is told in minutes


def wait_words(wait: timedelta) -> str:
    """Return the sentence that says when to try again, rounded up: who waits that long is let through."""
    seconds = int(retry_after(wait))
    if seconds <= SECONDS_MAX:
        return f"Wait {_count(seconds, 'second')} and try again."
    if seconds <= 90 * MINUTE:
        return f"Wait {_count(math.ceil(seconds / MINUTE), 'minute')} and try again."
    return f"Wait {_count(math.ceil(seconds / HOUR), 'hour')} and try again."


def duration_words(duration: timedelta) -> str:
    """Return a duration in its largest whole unit: "15 minutes", "12 hours"."""
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
