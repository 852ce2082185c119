"""A gate counts failures and closes for a while once they are many; each further failure doubles the while."""

import math
from dataclasses import dataclass
from datetime import timedelta

NEVER = 10**9  # failures
DOUBLINGS_MAX = 30


@dataclass(frozen=True, slots=True)
class Gate:
    """A count of failures under a key, and when it closes.

    The level of a gate rises by one with each failure and falls by one each `drain`. At level
    `free` the gate closes for `first_wait`, at the next for twice that, up to `longest_wait`.
    """

    key: str
    free: int
    first_wait: timedelta
    longest_wait: timedelta
    drain: timedelta

    def wait_at(self, level: float) -> timedelta:
        """Return for how long the gate closes at a level."""
        doublings = math.ceil(level) - self.free
        if doublings < 0:
            return timedelta(0)
        return min(self.longest_wait, self.first_wait * (1 << min(doublings, DOUBLINGS_MAX)))


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gates said: how long to wait, the key that asks for it, and the failures counted by key."""

    wait: timedelta
    closed: str  # "" when all are open
    failures: dict[str, int]


def counter(key: str, *, drain: timedelta) -> Gate:
    """Return a gate that counts and never closes."""
    return Gate(key, NEVER, timedelta(0), timedelta(0), drain)
