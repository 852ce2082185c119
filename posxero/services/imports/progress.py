"""How far an import is, in numbers that a page can show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from posxero.db.import_ import Import
from posxero.domain.pauses import is_over
from posxero.domain.words import Phase

# Where each phase begins and ends on the one bar: reading takes calls, the rest is our own work.
SPAN: Final = {Phase.READING: (0, 60), Phase.MATCHING: (60, 65), Phase.REVIEW: (65, 65), Phase.ADDING: (65, 100)}
ENOUGH_SEEN: Final = 0.05  # of the phase, before the time left is worth saying
MINUTE: Final = 60  # seconds
ENOUGH_TIME: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Progress:
    """A moment of an import.

    Attributes:
        percent: Of the whole, 0 to 100; it never falls.
        done: Contacts that the phase has done.
        of: Contacts that the phase will do; 0 while that is not known.
        minutes_left: Of the phase, rounded up; None while it cannot be said.
        paused: It waits, until the import's `paused_until`.
    """

    percent: int
    done: int
    of: int
    minutes_left: int | None
    paused: bool


def progress(run: Import, *, now: datetime) -> Progress:
    """Tell how far an import is."""
    done, total = _counts(run)
    part = min(done / total, 1.0) if total else 0.0
    first, last = SPAN.get(run.phase, (100, 100))
    paused = not is_over(run.heartbeat_at, run.paused_until, now)
    return Progress(
        percent=first + int((last - first) * part),
        done=done,
        of=total,
        minutes_left=None if paused else _minutes_left(part, now - run.phase_at),
        paused=paused,
    )


def _counts(run: Import) -> tuple[int, int]:
    if run.phase is Phase.READING and run.since is None:
        return run.read, max(run.total, run.read)  # more than Xero counts now, where contacts went since
    if run.phase is Phase.READING:  # the short pass over what changed meanwhile
        return run.read, max(run.read, 1)
    return run.settled, run.to_add


def _minutes_left(part: float, spent: timedelta) -> int | None:
    if part < ENOUGH_SEEN or spent < ENOUGH_TIME:
        return None
    left = spent.total_seconds() * (1 - part) / part
    return -int(-left // 60)


def took(run: Import) -> str:
    """Say how long an import took, in words; "" while it is not over."""
    if run.finished_at is None:
        return ""
    seconds = max(1, round((run.finished_at - run.started_at).total_seconds()))
    return f"{seconds} s" if seconds < MINUTE else f"{round(seconds / MINUTE)} min"
