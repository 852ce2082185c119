"""The buttons that push again what was not sent: Try again, and Try all failed again. Each commits, then enqueues."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.engine import rows_changed, writing
from posxero.db.push_state import PushState
from posxero.domain.enums import ActivityKind, LinkState
from posxero.queue import JobQueue
from posxero.services import activity
from posxero.services.errors import NotFound
from posxero.services.push.feed.tabs import enabled_kinds
from posxero.services.push.kinds import KINDS
from posxero.services.sync_status.connection_status import load_connection_status

RETRY_NOW: Final[dict[str, Any]] = {"state": LinkState.ACTIVE, "reason": "", "tries": 0, "next_try_at": None}


def try_again(session: Session, business_id: UUID, address_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> None:
    """Push one row once more, without waiting for its next try.

    What was gone from Xero is read first: it may have been restored there. Where nothing is owed, nothing is sent:
    what somebody changed in Xero meanwhile stays there.

    Args:
        address_id: By which addresses name the row, whatever its kind.

    Raises:
        NotFound: There is no such row.
    """
    with writing(session):
        row = _lock(session, business_id, load_connection_status(session, business_id).tenant_id, address_id)
        if row.state.is_gone:
            row.verify_due = True
            row.refresh_due = row.refresh_due or row.sent_revision >= row.owed_revision
        for column, value in (RETRY_NOW | {"owed_at": now, "owed_by_person": True}).items():
            setattr(row, column, value)
        _record(session, business_id, by=by, now=now, contact_id=row.contact_id)
    jobs.push(business_id, awaited=True)


def try_all_again(session: Session, business_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> int:
    """Push everything once more that was not sent; return how many rows that are."""
    count = 0
    with writing(session):
        status = load_connection_status(session, business_id)
        for kind in enabled_kinds(status):
            table = kind.table
            freed = session.execute(
                update(table)
                .where(
                    table.business_id == business_id,
                    table.tenant_id == status.tenant_id,
                    table.state == LinkState.PARKED,
                )
                .values(RETRY_NOW | {"owed_at": now, "owed_by_person": False})
                .execution_options(synchronize_session=False)
            )
            count += rows_changed(freed)
        if count:
            _record(session, business_id, by=by, now=now, note=f"Everything that wasn't sent: {count}.")
    if count:
        jobs.push(business_id)
    return count


def _lock(session: Session, business_id: UUID, tenant_id: UUID, address_id: UUID) -> PushState:
    for kind in KINDS:
        query = select(kind.table).where(
            kind.table.business_id == business_id,
            kind.table.tenant_id == tenant_id,
            kind.feed.address_id() == address_id,
        )
        row = session.scalar(query.with_for_update().execution_options(populate_existing=True))
        if row is not None:
            return row
    raise NotFound(address_id)


def _record(
    session: Session, business_id: UUID, *, by: str, now: datetime, contact_id: UUID | None = None, note: str = ""
) -> None:
    columns: dict[str, Any] = {"contact_id": contact_id, "actor": by, "on_behalf_of": by, "note": note}
    activity.record_entry(session, business_id, ActivityKind.TRIED_AGAIN, now=now, **columns)
