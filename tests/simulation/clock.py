"""Virtual time: what the processes of a simulation read instead of the machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class VirtualClock:
    """The time of one world, which passes only when it is told to.

    `elapsed` is the true time in seconds since the world began: Xero's clock and every monotonic
    clock follow it. `skew` is how far the shop's own hosts (database, Redis) are ahead of it.
    The product's modules use it in the place of the module `time`.
    """

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.skew = 0.0

    def now(self) -> datetime:
        """Return the time of the database and of Redis."""
        return self.xero_now() + timedelta(seconds=self.skew)

    def xero_now(self) -> datetime:
        """Return the time at Xero."""
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        """Return the seconds since the world began, as `time.monotonic` does."""
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed += seconds

    time = staticmethod(time.time)  # for what only logs
