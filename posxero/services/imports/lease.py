"""Which imports wait for a worker, one worker's lease on an import, and the checkpoint of every step."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.engine import begin_writing, writing
from posxero.db.import_ import Import, ImportRow
from posxero.db.lease import is_over
from posxero.domain.enums import ActivityKind, Outcome, Phase
from posxero.services.imports.errors import Cancelled, LeaseLost
from posxero.services.imports.progress import percent
from posxero.settings import Timings

Clock = Callable[[], datetime]  # the database's

AT_WORK: Final = (Phase.READING, Phase.MATCHING, Phase.ADDING)
RELEASED: Final[dict[str, Any]] = {"lease_token": None, "lease_until": None}
RESUMED: Final[dict[str, Any]] = {"paused_until": None, "paused_reason": ""}
FINISHED_AS: Final = {
    Phase.FINISHED: ActivityKind.IMPORT_FINISHED,
    Phase.CANCELLED: ActivityKind.IMPORT_CANCELLED,
    Phase.FAILED: ActivityKind.IMPORT_FAILED,
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
        is_free(now),
        or_(Import.phase.in_(AT_WORK), is_cancelling),
        or_(is_over(Import.heartbeat_at, Import.paused_until, now), is_cancelling),
    )


def is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that no worker has the import, or the one that had it let its lease run out."""
    return is_over(Import.heartbeat_at, Import.lease_until, now)


class ImportLease:
    """One worker's lease on an import. Whatever it stores is stored with a checkpoint, in one transaction.

    Attributes:
        session: Its own; no transaction is open while Xero is asked.
        run: The import as last stored.
        now: The database's time at the last checkpoint.
        clock: Reads it.
    """

    def __init__(self, session: Session, run: Import, timings: Timings, clock: Clock, now: datetime) -> None:
        self.session = session
        self.run = run
        self.now = now
        self._token = run.lease_token
        self._duration = timings.lease
        self.clock = clock
        self._slice_ends_at = now + timings.slice

    @classmethod
    def claim(cls, session: Session, business_id: UUID, import_id: UUID, timings: Timings, clock: Clock) -> Self | None:
        """Claim an import that has work to do and that no worker has; commits."""
        now = clock()
        with writing(session):
            run = session.scalar(
                update(Import)
                .where(Import.business_id == business_id, Import.id == import_id, is_due(now))
                .values(lease_token=new_id(), lease_until=now + timings.lease, heartbeat_at=now)
                .returning(Import)
                .execution_options(populate_existing=True, synchronize_session=False)
            )
        return cls(session, run, timings, clock, now) if run else None

    @property
    def is_slice_over(self) -> bool:
        """Whether another business should have the worker."""
        return self.now >= self._slice_ends_at

    def begin_step(self) -> None:
        """Begin the transaction of a step, which `checkpoint`, `enter`, `release` or `finish` commits."""
        begin_writing(self.session)

    def checkpoint(self, **values: Any) -> None:
        """Store where the import is together with the step's rows, renew the lease, and commit.

        Raises:
            LeaseLost: Another worker has the import; nothing of the step is stored.
            Cancelled: Somebody asked to cancel; the step is stored.
        """
        self.now = self.clock()
        renewed = {"heartbeat_at": self.now, "lease_until": self.now + self._duration}
        self._store(renewed | RESUMED | values)
        if self.run.cancel_asked_at is not None:
            raise Cancelled

    def enter(self, phase: Phase, **values: Any) -> None:
        """Store a step that ends a phase, as `checkpoint` does."""
        self.checkpoint(phase=phase, phase_at=self.clock(), **values)

    def release(self, **values: Any) -> None:
        """Store where the import is, and release it.

        Raises:
            LeaseLost: Another worker has the import.
        """
        self.now = self.clock()
        self._store({"heartbeat_at": self.now} | RELEASED | values)

    def finish(self, phase: Phase, *, by: str = "", error: str = "") -> None:
        """End the import: finished, cancelled, or failed with its error in words.

        Raises:
            LeaseLost: Another worker has the import.
        """
        self.release(**finish_columns(self.session, self.run, phase, now=self.clock(), by=by, error=error))

    def _store(self, values: dict[str, Any]) -> None:
        run = self.session.scalar(
            update(Import)
            .where(
                Import.business_id == self.run.business_id,
                Import.id == self.run.id,
                Import.lease_token == self._token,
                Import.finished_at.is_(None),
            )
            .values(**values)
            .returning(Import)
            .execution_options(populate_existing=True, synchronize_session=False)
        )
        if run is None:
            self.session.rollback()
            raise LeaseLost
        if not run.phase.over:
            run.percent_reached = max(run.percent_reached, percent(run))
        self.session.commit()


def finish_columns(
    session: Session, run: Import, phase: Phase, *, now: datetime, by: str = "", error: str = ""
) -> dict[str, Any]:
    """Return the columns of an import that is over, and add its line to the history; the caller stores both.

    Args:
        session: In the transaction that will end the import.
        run: The import.
        phase: finished, cancelled or failed.
        now: The database's time.
        by: Who ended it; "" when it ran to its end.
        error: Why it failed, in words.
    """
    counts = count_columns(session, run)
    note = error or f"{counts['added']} added, {counts['linked']} linked, {counts['refused']} couldn't be imported"
    kind, row = FINISHED_AS[phase], {"business_id": run.business_id, "id": new_id(), "import_id": run.id}
    session.add(Activity(**row, at=now, kind=kind, actor=by, note=note))
    return {"phase": phase, "phase_at": now, "finished_at": now, "error": error} | RESUMED | RELEASED | counts


def count_columns(session: Session, run: Import) -> dict[str, int]:
    """Count the rows of an import by outcome, by the names of the columns that keep the counts."""
    rows = session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.business_id == run.business_id, ImportRow.import_id == run.id)
        .group_by(ImportRow.outcome)
    )
    found: dict[Outcome | None, int] = dict(rows.all())
    return {outcome.value: found.get(outcome, 0) for outcome in Outcome} | {"read": sum(found.values())}
