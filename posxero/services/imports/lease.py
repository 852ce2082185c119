"""One worker's turn with an import: the lease, and the checkpoint of every step."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import begin_writing
from posxero.db.import_ import Import
from posxero.domain.enums import Phase
from posxero.services.imports.closing import RELEASED, RESUMED, finish_columns
from posxero.services.imports.due import is_due
from posxero.services.imports.errors import Cancelled, LeaseLost
from posxero.services.imports.progress import percent
from posxero.settings import Timings

Clock = Callable[[], datetime]  # the database's


class ImportLease:
    """A turn. Whatever it stores is stored with a checkpoint, in one transaction, under its lease.

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
        self._lease = timings.lease
        self.clock = clock
        self._ends_at = now + timings.slice

    @classmethod
    def claim(cls, session: Session, business_id: UUID, import_id: UUID, timings: Timings, clock: Clock) -> Self | None:
        """Take the import, if it has work to do and nobody has it."""
        now = clock()
        begin_writing(session)
        run = session.scalar(
            update(Import)
            .where(Import.business_id == business_id, Import.id == import_id, is_due(now))
            .values(lease_token=new_id(), lease_until=now + timings.lease, heartbeat_at=now)
            .returning(Import)
            .execution_options(populate_existing=True, synchronize_session=False)
        )
        session.commit()
        return cls(session, run, timings, clock, now) if run else None

    @property
    def over(self) -> bool:
        """Return whether another business should have the worker."""
        return self.now >= self._ends_at

    def write(self) -> None:
        """Begin the transaction of a step."""
        begin_writing(self.session)

    def checkpoint(self, **values: Any) -> None:
        """Store where the import is together with the step's rows, and commit both.

        Raises:
            LeaseLost: Another worker has the import; nothing of the step is stored.
            Cancelled: Somebody asked to cancel; the step is stored.
        """
        self.now = self.clock()
        lease = {"heartbeat_at": self.now, "lease_until": self.now + self._lease}
        self._store(lease | RESUMED | values)
        if self.run.cancel_asked_at is not None:
            raise Cancelled

    def let_go(self, **values: Any) -> None:
        """End the turn: store where the import is, and give the lease back.

        Raises:
            LeaseLost: Another worker has the import.
        """
        self.now = self.clock()
        self._store({"heartbeat_at": self.now} | RELEASED | values)

    def close(self, phase: Phase, *, by: str = "", error: str = "") -> None:
        """End the import: finished, cancelled, or failed with its error in words.

        Raises:
            LeaseLost: Another worker has the import.
        """
        self.let_go(**finish_columns(self.session, self.run, phase, now=self.clock(), by=by, error=error))

    def enter(self, phase: Phase, **values: Any) -> None:
        """Store a step that ends a phase."""
        self.checkpoint(phase=phase, phase_at=self.clock(), **values)

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
