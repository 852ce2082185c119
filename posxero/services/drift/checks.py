"""One check of Xero that a worker has claimed: its calls to Xero, and what came of it, written under the claim."""

import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self, TypeVar
from uuid import UUID, uuid4

import structlog
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session, undefer

from posxero.db.base import database_time
from posxero.db.connection import Connection
from posxero.db.drift_check import DriftCheck
from posxero.db.engine import rows_changed, writing
from posxero.db.lease import RELEASED_LEASE
from posxero.domain.backoff import retry_delay
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import ConnectionState
from posxero.domain.poll_interval import poll_interval
from posxero.services import wait_reasons
from posxero.services.drift.schedule import is_due, lease_duration
from posxero.services.xero_connection import access
from posxero.xero.client import XeroClient
from posxero.xero.errors import ConsentLost, Limited, Refused, RetryLater, XeroError
from posxero.xero.ports import XeroPorts

T = TypeVar("T")

MAX_REASON: Final = 500  # characters
REFUSED: Final = "Xero didn't send us its contacts. It says: {message}"
NO_PASS: Final[dict[str, Any]] = {"pass_began_at": None, "page": 0, "item_count": 0, "seen": None}
WORKING: Final[dict[str, Any]] = {"failing_since": None, "reason": "", "tries": 0}

log = structlog.get_logger(__name__)


class ClaimLost(Exception):
    """Another worker has the check, because this one took too long. Nothing is written of it."""


@dataclass(frozen=True, slots=True)
class ClaimedCheck:
    """A check, as it was when the worker loaded it.

    Attributes:
        session: Its own; no transaction is open while Xero is asked.
        row: The check.
        connection: Through which Xero is asked.
        ports: What calls to Xero need.
        slice_ends_at: When another business should have the worker.
    """

    session: Session
    row: DriftCheck
    connection: Connection
    ports: XeroPorts
    slice_ends_at: datetime

    @classmethod
    def load(cls, session: Session, business_id: UUID, kind: DriftKind, ports: XeroPorts) -> Self | None:
        """Load the claimed check of a business; None when its work was done already. Ends the transaction."""
        now, timings = database_time(session), ports.settings.timings
        same = and_(Connection.business_id == DriftCheck.business_id, Connection.tenant_id == DriftCheck.tenant_id)
        found = session.execute(
            select(DriftCheck, Connection)
            .join(Connection, same)
            .where(DriftCheck.business_id == business_id, DriftCheck.kind == kind, is_due(now))
            .where(DriftCheck.lease_token.is_not(None), Connection.state == ConnectionState.CONNECTED)
            .options(undefer(DriftCheck.seen))
            .execution_options(populate_existing=True)
        ).first()
        session.commit()
        if found is None:
            return None
        check = cls(session, found[0], found[1], ports, now + timings.slice)
        if found[0].lease_until is None or found[0].lease_until < now + timings.lease:  # it waited for a worker
            check.settle(lease_until=now + lease_duration(timings))
        return check

    @property
    def is_slice_over(self) -> bool:
        """Whether another business should have the worker."""
        return self.now() >= self.slice_ends_at

    def now(self) -> datetime:
        """Read the database's clock; ends the transaction that this began."""
        now = database_time(self.session)
        self.session.commit()
        return now

    def call(self, use: Callable[[XeroClient], T]) -> T:
        """Let `use` make its one call, which gets no slot that is reserved for people.

        Raises:
            XeroError: What the call raised.
        """
        return access.call(self.session, self.connection, self.ports, use, now=self.now(), is_background=True)

    def settle(self, **columns: Any) -> None:
        """Write columns of the check; commits.

        Raises:
            ClaimLost: Another worker has it.
        """
        with writing(self.session):
            self.write(**columns)

    def write(self, **columns: Any) -> None:
        """Write columns of the check; the caller commits.

        Raises:
            ClaimLost: Another worker has it.
        """
        written = self.session.execute(
            update(DriftCheck)
            .where(DriftCheck.business_id == self.row.business_id, DriftCheck.id == self.row.id)
            .where(DriftCheck.lease_token == self.row.lease_token)
            .values(columns)
            .execution_options(synchronize_session=False)
        )
        if not rows_changed(written):
            raise ClaimLost

    def record_success(self, *, began_at: datetime, due_at: datetime | None) -> None:
        """Note that a pass is complete and when the next one is due, and release the check; commits."""
        now = self.now()
        done = {"began_at": began_at, "worked_at": now, "due_at": due_at, "scheduled_at": now}
        self.settle(**done, **WORKING, **NO_PASS, **RELEASED_LEASE)

    def next_poll_at(self) -> datetime:
        """Return when the next poll is due, by the calls that are left of the day."""
        timings, day_limit = self.ports.settings.timings, self.ports.settings.xero.day_limit
        used = self.ports.limits.used_today(self.row.tenant_id)
        return self.now() + poll_interval(timings.poll, timings.poll_where_scarce, day_limit=day_limit, used_today=used)

    def attempt(self, run_slice: Callable[[], bool], *, place: Callable[[], Mapping[str, Any]] = dict) -> bool:
        """Run a slice, and record what stops it on the check; only a defect of our own is raised.

        Args:
            run_slice: Returns whether another slice is needed at once.
            place: Returns the columns of the place from which the next slice continues.

        Returns:
            What the slice returned; False when it was stopped.
        """
        try:
            return run_slice()
        except XeroError as error:
            self.session.rollback()
            self._record_error(error, place())
        except ClaimLost:
            self.session.rollback()
            log.warning("drift.claim_lost", kind=self.row.kind, business=str(self.row.business_id))
        except Exception:
            self.session.rollback()
            reference = uuid4().hex[:8]
            log.exception("drift.defect", kind=self.row.kind, business=str(self.row.business_id), reference=reference)
            self._postpone(wait_reasons.OWN_DEFECT.format(reference=reference), timedelta(0), place())
            raise
        return False

    def _record_error(self, error: XeroError, place: Mapping[str, Any]) -> None:
        """Record why a pass stopped, and when it continues.

        A limit is not a failure, and a lost consent is recorded on the connection.
        """
        log.info("drift.stopped", kind=self.row.kind, business=str(self.row.business_id), why=str(error))
        if isinstance(error, ConsentLost):
            self._stop(**place)
        elif isinstance(error, Limited):
            now = self.now()
            self._stop(due_at=now + error.wait, scheduled_at=now, **place)
        else:
            wait = error.wait if isinstance(error, RetryLater) else None
            self._postpone(_reason(error), wait or timedelta(0), place)

    def _postpone(self, reason: str, wait: timedelta, place: Mapping[str, Any]) -> None:
        """Note that a pass failed; try again after a growing delay, of which a poll's interval is the longest."""
        now, tries = self.now(), self.row.tries + 1
        delay = retry_delay(tries, random.uniform(-1, 1))  # noqa: S311 - spreads retries, no secret
        if self.row.kind is not DriftKind.WALK:  # which is many calls each time
            delay = min(delay, self.ports.settings.timings.poll)
        failing = {"failing_since": self.row.failing_since or now, "reason": reason[:MAX_REASON], "tries": tries}
        self._stop(due_at=now + max(delay, wait), scheduled_at=now, **failing, **place)

    def _stop(self, **columns: Any) -> None:
        """Write why a pass stopped, and release the check, unless another worker has it by now."""
        with contextlib.suppress(ClaimLost):
            self.settle(**columns, **RELEASED_LEASE)


def _reason(error: XeroError) -> str:
    """Return why a call got nothing, in words."""
    if isinstance(error, Refused):
        return REFUSED.format(message=error.message)
    return wait_reasons.outage_reason(error)
