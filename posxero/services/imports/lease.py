"""Which imports wait for a worker, one worker's lease on an import, and the checkpoint of every step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.import_ import Import, ImportRow
from posxero.db.lease import RELEASED_LEASE, is_over, lease_is_free, lease_is_held, lease_values
from posxero.domain.enums import ActivityKind, Outcome, Phase
from posxero.services import activity
from posxero.services.imports.errors import Cancelled, LeaseLost
from posxero.services.imports.progress import note_of, percent
from posxero.services.imports.rows import count_proposed
from posxero.settings import Timings

Clock = Callable[[], datetime]  # the database's

WORKER_PHASES: Final = (Phase.READING, Phase.MATCHING, Phase.ADDING, Phase.UNDOING)  # a worker has something to do
NOT_PAUSED: Final[dict[str, Any]] = {"paused_at": None, "paused_until": None, "paused_reason": ""}
ACTIVITY_KINDS: Final = {
    Phase.FINISHED: ActivityKind.IMPORT_FINISHED,
    Phase.CANCELLED: ActivityKind.IMPORT_CANCELLED,
    Phase.FAILED: ActivityKind.IMPORT_FAILED,
    Phase.UNDONE: ActivityKind.IMPORT_UNDONE,
    Phase.PREVIEWED: ActivityKind.IMPORT_PREVIEWED,
}


def due_imports(session: Session, *, now: datetime) -> list[tuple[UUID, UUID]]:
    """List the imports that a worker should work on, as (business, import).

    An import is due when its job was lost, its worker died, or its wait is over.
    """
    found = session.execute(select(Import.business_id, Import.id).where(is_due(now)))
    return [(business_id, import_id) for business_id, import_id in found]


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that there is work to do, no worker has the import, and it need not wait."""
    is_cancelling = Import.cancel_asked_at.is_not(None)
    return and_(
        Import.finished_at.is_(None),
        lease_is_free(Import, now),
        or_(Import.phase.in_(WORKER_PHASES), is_cancelling),
        or_(is_over(Import.paused_at, Import.paused_until, now), is_cancelling),
    )


class ImportLease:
    """One worker's lease on an import. Whatever it stores is stored with a checkpoint, in one transaction.

    The token stays the same while the lease is renewed, so a worker that lost it cannot store anything.

    Attributes:
        session: Its own; no transaction is open while Xero is asked.
        run: The import as last stored.
        now: The database's time at the last checkpoint.
        clock: Reads it.
    """

    def __init__(
        self, session: Session, run: Import, token: UUID, timings: Timings, clock: Clock, now: datetime
    ) -> None:
        self.session = session
        self.run = run
        self.now = now
        self._token = token
        self._duration = timings.lease
        self.clock = clock
        self._slice_ends_at = now + timings.slice

    @classmethod
    def claim(cls, session: Session, business_id: UUID, import_id: UUID, timings: Timings, clock: Clock) -> Self | None:
        """Claim an import that has work to do and that no worker has; commits."""
        now, token = clock(), new_id()
        with writing(session):
            run = session.scalar(
                update(Import)
                .where(Import.business_id == business_id, Import.id == import_id, is_due(now))
                .values(lease_values(token, now=now, until=now + timings.lease))
                .returning(Import)
                .execution_options(populate_existing=True, synchronize_session=False)
            )
        return cls(session, run, token, timings, clock, now) if run else None

    @property
    def is_slice_over(self) -> bool:
        """Whether another business should have the worker."""
        return self.now >= self._slice_ends_at

    @contextmanager
    def step(self) -> Iterator[dict[str, Any]]:
        """Open the transaction of one step, and commit what it wrote together with where the import is then.

        Yields:
            A mapping for the columns of the import that the step changes. The lease is renewed with them.

        Raises:
            LeaseLost: Another worker has the import; nothing of the step is stored.
            Cancelled: Somebody asked to cancel; the step is stored.
        """
        columns: dict[str, Any] = {}
        with writing(self.session):
            yield columns
            self.now = self.clock()
            renewed = lease_values(self._token, now=self.now, until=self.now + self._duration)
            self._store(renewed | NOT_PAUSED | columns)
        if self.run.cancel_asked_at is not None:
            raise Cancelled

    def phase_columns(self, phase: Phase) -> dict[str, Any]:
        """Return the columns of an import whose next phase begins now."""
        return {"phase": phase, "phase_at": self.clock()}

    def release(self, **columns: Any) -> None:
        """Store where the import is, release it, and commit.

        Raises:
            LeaseLost: Another worker has the import.
        """
        with writing(self.session):
            self.now = self.clock()
            self._store(RELEASED_LEASE | columns)

    def finish(self, phase: Phase, *, by: str = "", error: str = "", last: Callable[[], object] | None = None) -> None:
        """End the import, and commit: finished, cancelled, or failed with its error in words.

        Args:
            last: Writes in the same transaction what depends on the import's end.

        Raises:
            LeaseLost: Another worker has the import.
        """
        with writing(self.session):
            self.now = self.clock()
            if last is not None:
                last()
            self._store(finish_columns(self.session, self.run, phase, now=self.now, by=by, error=error))

    def _store(self, columns: dict[str, Any]) -> None:
        """Store columns of the import while the lease is ours, and how far its bar is; the caller commits."""
        run = self.session.scalar(
            update(Import)
            .where(
                Import.business_id == self.run.business_id,
                Import.id == self.run.id,
                lease_is_held(Import, self._token),
                Import.finished_at.is_(None),
            )
            .values(**columns)
            .returning(Import)
            .execution_options(populate_existing=True, synchronize_session=False)
        )
        if run is None:
            raise LeaseLost
        if not run.phase.is_over:
            run.percent_reached = max(run.percent_reached, percent(run))


def finish_columns(
    session: Session, run: Import, phase: Phase, *, now: datetime, by: str = "", error: str = ""
) -> dict[str, Any]:
    """Return the columns of an import that is over, and add its line to the history; the caller stores both.

    Args:
        session: In the transaction that will end the import.
        run: The import.
        phase: finished, cancelled, failed, previewed or undone.
        now: The database's time.
        by: Who ended it; "" when it ran to its end.
        error: Why it failed, in words.
    """
    counts = count_columns(session, run)
    if phase is Phase.PREVIEWED:
        counts |= count_proposed(session, run)
    note = error or note_of(run, phase, counts)
    columns: dict[str, Any] = {"import_id": run.id, "actor": by, "note": note}
    activity.record_entry(session, run.business_id, ACTIVITY_KINDS[phase], now=now, **columns)
    ended = {"phase": phase, "phase_at": now, "finished_at": now, "ended_at": run.ended_at or now, "error": error}
    return ended | NOT_PAUSED | RELEASED_LEASE | counts


def count_columns(session: Session, run: Import) -> dict[str, int]:
    """Count the rows of an import by outcome, by the names of the columns that keep the counts."""
    rows = session.execute(
        select(ImportRow.outcome, func.count(), func.count().filter(ImportRow.kind_added != ""))
        .where(ImportRow.business_id == run.business_id, ImportRow.import_id == run.id)
        .group_by(ImportRow.outcome)
    ).all()
    found: dict[Outcome | None, int] = {outcome: count for outcome, count, _ in rows}
    kinds_added = {outcome: count for outcome, _, count in rows}.get(Outcome.ALREADY_LINKED, 0)
    counts = {outcome.value: found.get(outcome, 0) for outcome in Outcome}
    return counts | {"read": sum(found.values()), "kinds_added": kinds_added}
