"""Which checks of Xero are due, and the claim that gives each to one worker.

A check is a row (`db.drift_check`) for each organisation and kind. The sweep claims what is due by a conditional UPDATE
and enqueues it. A claim whose job is lost runs out, and the check is due again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Update, and_, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.drift_check import DriftCheck
from posxero.db.engine import writing
from posxero.db.lease import is_over, lease_is_free, lease_values
from posxero.db.sales_settings import SalesSettings
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.domain.enums import ConnectionState
from posxero.domain.walk_schedule import next_walk
from posxero.settings import Timings

KEY: Final = ("business_id", "tenant_id", "kind")
INVOICE_KINDS: Final = (DriftKind.INVOICES, DriftKind.OPEN_INVOICES)  # of shops that sell on account
TIMED: Final = (DriftKind.POLL, DriftKind.WALK, *INVOICE_KINDS)  # the others are due when ids are there to read


def lease_duration(timings: Timings) -> timedelta:
    """Return how long a claim holds: the slice of a worker, and the call that it began at the end of that."""
    return timings.lease + timings.slice


def create_missing(session: Session, timings: Timings, *, now: datetime) -> None:
    """Create the checks of organisations that were connected, or sell on account, since the last sweep; commits."""
    same = and_(DriftCheck.business_id == Connection.business_id, DriftCheck.tenant_id == Connection.tenant_id)
    sells = and_(SalesSettings.business_id == Connection.business_id, SalesSettings.tenant_id == Connection.tenant_id)
    connected = Connection.state == ConnectionState.CONNECTED
    lacking = (
        select(Connection.business_id, Connection.tenant_id, Business.timezone)
        .join(Business, Business.id == Connection.business_id)
        .where(connected, ~exists().where(same))
    )
    selling = select(Connection.business_id, Connection.tenant_id).where(
        connected, exists().where(sells), ~exists().where(same, DriftCheck.kind == DriftKind.OPEN_INVOICES)
    )
    rows = [row for one in session.execute(lacking) for row in _first_checks(*one, timings, now)]
    rows += [_check(*one, kind, now, now) for one in session.execute(selling) for kind in INVOICE_KINDS]
    session.commit()
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    with writing(session):
        session.execute(insert(DriftCheck).on_conflict_do_nothing(index_elements=KEY), rows)


def _first_checks(
    business_id: UUID, tenant_id: UUID, timezone: str, timings: Timings, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one organisation: a poll is due at once, a walk at night."""
    walk_due_at = next_walk(business_id, timezone, every=timings.walk, now=now)
    for kind, due_at in ((DriftKind.WEBHOOK, None), (DriftKind.POLL, now), (DriftKind.WALK, walk_due_at)):
        yield _check(business_id, tenant_id, kind, due_at, now)


def _check(
    business_id: UUID, tenant_id: UUID, kind: DriftKind, due_at: datetime | None, now: datetime
) -> dict[str, Any]:
    of_tenant = {"business_id": business_id, "id": new_id(), "tenant_id": tenant_id}
    return {**of_tenant, "kind": kind, "due_at": due_at, "scheduled_at": now}


def claim_due(session: Session, timings: Timings, *, now: datetime) -> list[tuple[UUID, DriftKind]]:
    """Claim the polls and walks whose time has come, and return them as (business, kind). Commits.

    Nothing is written while nothing is due.
    """
    due = and_(DriftCheck.kind.in_(TIMED), may_run(now))
    is_any = session.scalar(select(DriftCheck.id).where(due).limit(1)) is not None
    session.commit()
    if not is_any:
        return []
    with writing(session):
        rows = session.execute(_claim(due, timings, now).returning(DriftCheck.business_id, DriftCheck.kind)).all()
    return [(business_id, kind) for business_id, kind in rows]


def businesses_to_read(session: Session, timings: Timings, *, now: datetime) -> list[UUID]:
    """List the businesses with ids of webhooks that were collected long enough and may be read now."""
    same = and_(XeroChange.business_id == DriftCheck.business_id, XeroChange.tenant_id == DriftCheck.tenant_id)
    by_webhook = XeroChange.category != ChangeCategory.BALANCE  # which the next poll reads
    waits = exists().where(same, by_webhook, XeroChange.received_at <= now - timings.webhook_delay)
    query = select(DriftCheck.business_id).where(DriftCheck.kind == DriftKind.WEBHOOK, may_run(now), waits)
    return list(session.scalars(query.distinct()))


def may_run(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a check that its time has come, no worker has it, and Xero may be read."""
    readable = exists().where(
        Connection.business_id == DriftCheck.business_id,
        Connection.tenant_id == DriftCheck.tenant_id,
        Connection.state == ConnectionState.CONNECTED,
        is_over(Connection.paused_at, Connection.paused_until, now),
        is_over(Connection.backlog_paused_at, Connection.backlog_until, now),
    )
    return and_(is_due(now), lease_is_free(DriftCheck, now), readable)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a check that its time has come; a time that a wrong clock wrote counts as come."""
    return is_over(DriftCheck.scheduled_at, DriftCheck.due_at, now)


def claim(session: Session, business_id: UUID, kind: DriftKind, timings: Timings, *, now: datetime) -> bool:
    """Claim a check of a business for this worker; commits. False when there is none, or it must wait."""
    one = and_(DriftCheck.business_id == business_id, DriftCheck.kind == kind, may_run(now))
    with writing(session):
        claimed = session.execute(_claim(one, timings, now).returning(DriftCheck.id)).first()
    return claimed is not None


def _claim(condition: ColumnElement[bool], timings: Timings, now: datetime) -> Update:
    values: dict[str, Any] = lease_values(uuid4(), now=now, until=now + lease_duration(timings))
    return update(DriftCheck).where(condition).values(values).execution_options(synchronize_session=False)
