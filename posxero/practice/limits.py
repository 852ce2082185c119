"""Xero's rate limits of one app and organisation: calls a minute, a day, and in flight.

Source: Xero's page on rate limits; the headers and the 429 as recorded from the Demo Company.
"""

from dataclasses import dataclass, field
from math import ceil
from threading import Lock

MINUTE_MS = 60_000  # milliseconds
DAY_MS = 86_400_000  # milliseconds
APP_MINUTE_LIMIT = 10_000  # calls a minute of one app, all organisations together


@dataclass(frozen=True)
class LimitExceeded:
    """The limit that a call exceeds, and the seconds to wait if Xero sends them."""

    problem: str
    retry_after: int | None


@dataclass(frozen=True)
class Remaining:
    """The values of the X-…-Remaining headers."""

    day: int
    minute: int
    app_minute: int


@dataclass
class Window:
    """A fixed window that opens with the first call after the last one closed."""

    length: int
    opened: int = 0
    count: int = 0

    def roll(self, now: int) -> None:
        """Open a new window if the last one has closed."""
        if now >= self.opened + self.length:
            self.opened, self.count = now, 0

    def seconds_until_reset(self, now: int) -> int:
        """Return the whole seconds until the window closes, at least one."""
        return max(1, ceil((self.opened + self.length - now) / 1000))


@dataclass
class _Usage:
    minute: Window = field(default_factory=lambda: Window(MINUTE_MS))
    day: Window = field(default_factory=lambda: Window(DAY_MS))
    in_flight: int = 0


class Limits:
    """The calls of every organisation; `now` is milliseconds since 1970."""

    def __init__(self, *, minute: int, day: int, concurrent: int) -> None:
        """Set the limits of every organisation."""
        self.minute, self.day, self.concurrent = minute, day, concurrent
        self._lock = Lock()
        self._usages: dict[str, _Usage] = {}
        self._app = Window(MINUTE_MS)

    def acquire(self, tenant: str, now: int) -> LimitExceeded | None:
        """Count a call as in flight, or return the limit that it exceeds and count nothing."""
        with self._lock:
            usage = self._current_usage(tenant, now)
            exceeded = self._exceeded(usage, now)
            if exceeded is None:
                for window in (usage.minute, usage.day, self._app):
                    window.count += 1
                usage.in_flight += 1
            return exceeded

    def release(self, tenant: str) -> None:
        """Release a call that was in flight."""
        with self._lock:
            self._usages[tenant].in_flight -= 1

    def remaining(self, tenant: str, now: int) -> Remaining:
        """Return how many calls are left in each window."""
        with self._lock:
            usage = self._current_usage(tenant, now)
            return Remaining(
                day=max(0, self.day - usage.day.count),
                minute=max(0, self.minute - usage.minute.count),
                app_minute=max(0, APP_MINUTE_LIMIT - self._app.count),
            )

    def reset(self) -> None:
        """Open new windows for every organisation; calls in flight stay in flight."""
        with self._lock:
            for usage in self._usages.values():
                usage.minute, usage.day = Window(MINUTE_MS), Window(DAY_MS)
            self._app = Window(MINUTE_MS)

    def _current_usage(self, tenant: str, now: int) -> _Usage:
        usage = self._usages.setdefault(tenant, _Usage())
        for window in (usage.minute, usage.day, self._app):
            window.roll(now)
        return usage

    def _exceeded(self, usage: _Usage, now: int) -> LimitExceeded | None:
        if usage.in_flight >= self.concurrent:
            return LimitExceeded("concurrent", None)
        if usage.day.count >= self.day:
            return LimitExceeded("day", usage.day.seconds_until_reset(now))
        if usage.minute.count >= self.minute:
            return LimitExceeded("minute", usage.minute.seconds_until_reset(now))
        if self._app.count >= APP_MINUTE_LIMIT:
            return LimitExceeded("appminute", self._app.seconds_until_reset(now))
        return None
