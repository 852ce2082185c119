"""When to try again what failed: a push, an import, a reading of what changed in Xero."""

from datetime import timedelta
from typing import Final

MAX_TRIES: Final = 8
FIRST_DELAY: Final = timedelta(seconds=5)
MAX_DELAY: Final = timedelta(hours=1)
_FACTOR: Final = 3
_SPREAD: Final = 0.2


def retry_delay(tries: int, jitter: float) -> timedelta:
    """Return how long to wait after the given number of tries: 5 s, 15 s, 45 s … 1 h, each ± 20 %.

    Args:
        tries: Answers about this contact so far, from 1.
        jitter: A random number, -1 to 1.
    """
    wait = FIRST_DELAY
    for _ in range(min(tries, MAX_TRIES) - 1):
        wait *= _FACTOR
    return min(wait, MAX_DELAY) * (1 + _SPREAD * jitter)


def is_exhausted(tries: int) -> bool:
    """Return whether an item has used up its tries, so that it is parked."""
    return tries >= MAX_TRIES
