"""How far an import is, in numbers that a page can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import inspect

from posxero.db.import_ import Import
from posxero.domain.enums import Phase
from posxero.domain.pauses import is_over

# Where each phase begins and ends on the one bar: reading takes calls, the rest is our own work.
PHASE_SPANS: Final = {
    Phase.READING: (0, 60),
    Phase.MATCHING: (60, 65),
    Phase.REVIEW: (65, 65),
    Phase.ADDING: (65, 100),
    Phase.UNDOING: (0, 100),
}
NOTES: Final = {
    Phase.FINISHED: "{added} added, {linked} linked, {not_imported} couldn't be imported",
    Phase.PREVIEWED: "{to_add} to add, {to_link} to link, {to_check} to check",
    Phase.UNDONE: "{undone} undone, {kept} kept",
}
FILE_NOTES: Final = {
    Phase.FINISHED: "{added} added, {updated} updated, {unchanged} unchanged, {not_imported} couldn't be imported",
    Phase.PREVIEWED: "{to_add} to add, {to_update} to update, {to_check} to check",
    Phase.UNDONE: "{undone} undone, {kept} kept",
}
FILE_LABELS: Final = {Phase.READING: "Reading the file"}
CATCH_UP_LABEL: Final = "Checking Xero for the latest changes"
MIN_PART_FOR_ESTIMATE: Final = 0.05  # of the phase, before the time left is worth saying
SECONDS_PER_MINUTE: Final = 60
MAX_COUNTDOWN: Final = timedelta(hours=1)  # a longer pause says when it ends, not how long it is
MIN_TIME_FOR_ESTIMATE: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class ImportProgress:
    """How far an import is at one time.

    Attributes:
        percent: Of the whole, 0 to 100; it never falls.
        label: What the import does.
        done: Contacts that the phase has done.
        of: Contacts that the phase will do; 0 while that is not known.
        minutes_left: Of the phase, rounded up; None while it cannot be said.
        pause_left: Until the next call to Xero, zero while a worker is about to make it; None when it does not wait.
    """

    percent: int
    label: str
    done: int
    of: int
    minutes_left: int | None
    pause_left: timedelta | None

    @property
    def counts_down(self) -> bool:
        """Return whether its pause is short enough to be watched."""
        return self.pause_left is not None and self.pause_left < MAX_COUNTDOWN


def progress(run: Import, *, now: datetime) -> ImportProgress:
    """Return how far an import is."""
    done, total = _counts(run)
    pause_left = _pause_left(run, now)
    return ImportProgress(
        percent=max(run.percent_reached, percent(run)),
        label=_label(run),
        done=done,
        of=total,
        minutes_left=None if pause_left is not None else _minutes_left(_part(run), now - run.phase_at),
        pause_left=pause_left,
    )


def percent(run: Import) -> int:
    """Return how far an import is, by its rows. It may be less than before: Xero's list grows, or is read again."""
    first, last = PHASE_SPANS.get(run.phase, (100, 100))
    return first + int((last - first) * _part(run))


def note_of(run: Import, phase: Phase, counts: Mapping[str, int]) -> str:
    """Return what the history says of an import that is over.

    Args:
        phase: In which it ended.
        counts: By the columns that keep them.
    """
    notes = FILE_NOTES if run.file_id else NOTES
    kept = counts["added"] + counts["linked"] + counts["updated"] + counts["kinds_added"]
    return notes.get(phase, notes[Phase.FINISHED]).format(**counts, kept=kept, not_imported=counts["refused"])


def result_of(run: Import) -> str:
    """Return what became of an import that is over, as its own columns count it."""
    return note_of(run, run.phase, {column.key: getattr(run, column.key) for column in inspect(Import).column_attrs})


def _label(run: Import) -> str:
    if _is_catching_up(run):
        return CATCH_UP_LABEL
    return FILE_LABELS.get(run.phase, run.phase.label) if run.file_id else _phase_label(run)


def _part(run: Import) -> float:
    """Return how much of its phase is done, 0 to 1."""
    if _is_catching_up(run):
        return 1.0
    done, total = _counts(run)
    return min(done / total, 1.0) if total else 0.0


def _counts(run: Import) -> tuple[int, int]:
    if run.phase in {Phase.ADDING, Phase.UNDOING}:
        return run.settled, run.to_add
    if run.phase is Phase.READING and not _is_catching_up(run):
        return run.read, max(run.total, run.read)  # more than Xero counts now, where contacts went since
    return run.read, 0


def _is_catching_up(run: Import) -> bool:
    """Return whether it reads what changed in Xero while it read, or while a person decided."""
    return run.phase is Phase.READING and run.since is not None


def _pause_left(run: Import, now: datetime) -> timedelta | None:
    over = is_over(run.paused_at, run.paused_until, now)
    if run.paused_until is None or (over and run.lease_token is not None):
        return None
    return timedelta(0) if over else run.paused_until - now


def _minutes_left(part: float, spent: timedelta) -> int | None:
    if part < MIN_PART_FOR_ESTIMATE or spent < MIN_TIME_FOR_ESTIMATE:
        return None
    left = spent.total_seconds() * (1 - part) / part
    return -int(-left // SECONDS_PER_MINUTE)


def duration_text(run: Import) -> str:
    """Return how long an import took, in words; "" while it is not over."""
    if run.ended_at is None:
        return ""
    seconds = max(1, round((run.ended_at - run.started_at).total_seconds()))
    return f"{seconds} s" if seconds < SECONDS_PER_MINUTE else f"{round(seconds / SECONDS_PER_MINUTE)} min"


def _phase_label(run: Import) -> str:
    """Return the label of the phase, naming suppliers where they are imported too."""
    label = run.phase.label
    return label.replace("customers", "customers and suppliers") if run.with_suppliers else label
