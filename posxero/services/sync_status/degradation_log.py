"""Say once in the log which parts are degraded, and once that they are well again."""

from collections.abc import Iterable

import structlog

log = structlog.get_logger(__name__)


class DegradationLog:
    """Remembers what was degraded the last time."""

    def __init__(self) -> None:
        self._degraded: frozenset[str] = frozenset()

    def note(self, degraded: Iterable[str]) -> None:
        """Log the parts that became degraded, and those that are no longer."""
        now = frozenset(degraded)
        if now - self._degraded:
            log.error("health.degraded", parts=sorted(now))
        if self._degraded - now:
            log.info("health.recovered", parts=sorted(self._degraded - now))
        self._degraded = now
