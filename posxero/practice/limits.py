"""Xero's limits of one app on one organisation: a minute, a day, and calls in flight.

Source: Xero's page on rate limits; the headers and the 429 as recorded from the Demo Company.
"""

from dataclasses import dataclass, field
from math import ceil
from threading import Lock

MINUTE = 60_000  # milliseconds
DAY = 86_400_000  # milliseconds
APP_MINUTE_LIMIT = 10_000  # calls a minute of one app, all organisations together


@dataclass(frozen=True)
class Refusal:
    """A call over a limit: the problem's name, and the seconds to wait where Xero tells them."""

    problem: str
    retry_after: int | None


@dataclass(frozen=True)
class Remaining:
    """What the X-…-Remaining headers say."""

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
        """Begin a new window when the last one has closed."""
        if now >= self.opened + self.length:
            self.opened, self.count = now, 0

    def wait(self, now: int) -> int:
        """Return the whole seconds until the window closes, at least one."""
        return max(1, ceil((self.opened + self.length - now) / 1000))


@dataclass
class _Use:
    minute: Window = field(default_factory=lambda: Window(MINUTE))
    day: Window = field(default_factory=lambda: Window(DAY))
    in_flight: int = 0


class Limits:
    """Counts every organisation's calls; `now` is milliseconds since 1970."""

    def __init__(self, *, minute: int, day: int, concurrent: int) -> None:
        """Set the limits of every organisation."""
        self.minute, self.day, self.concurrent = minute, day, concurrent
        self._lock = Lock()
        self._uses: dict[str, _Use] = {}
        self._app = Window(MINUTE)

    def enter(self, tenant: str, now: int) -> Refusal | None:
        """Count a call and hold its place in flight, or say which limit it is over and count nothing."""
        with self._lock:
            use = self._rolled(tenant, now)
            refusal = self._refusal(use, now)
            if refusal is None:
                for window in (use.minute, use.day, self._app):
                    window.count += 1
                use.in_flight += 1
            return refusal

    def leave(self, tenant: str) -> None:
        """Free the place of a call that entered."""
        with self._lock:
            self._uses[tenant].in_flight -= 1

    def remaining(self, tenant: str, now: int) -> Remaining:
        """Say how many calls are left in each window."""
        with self._lock:
            use = self._rolled(tenant, now)
            return Remaining(
                day=max(0, self.day - use.day.count),
                minute=max(0, self.minute - use.minute.count),
                app_minute=max(0, APP_MINUTE_LIMIT - self._app.count),
            )

    def clear(self) -> None:
        """Open new windows for everyone; calls in flight stay in flight."""
        with self._lock:
            for use in self._uses.values():
                use.minute, use.day = Window(MINUTE), Window(DAY)
            self._app = Window(MINUTE)

    def _rolled(self, tenant: str, now: int) -> _Use:
        use = self._uses.setdefault(tenant, _Use())
        for window in (use.minute, use.day, self._app):
            window.roll(now)
        return use

    def _refusal(self, use: _Use, now: int) -> Refusal | None:
        if use.in_flight >= self.concurrent:
            return Refusal("concurrent", None)
        if use.day.count >= self.day:
            return Refusal("day", use.day.wait(now))
        if use.minute.count >= self.minute:
            return Refusal("minute", use.minute.wait(now))
        if self._app.count >= APP_MINUTE_LIMIT:
            return Refusal("appminute", self._app.wait(now))
        return None
