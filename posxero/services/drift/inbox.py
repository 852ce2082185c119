"""The inbox of Xero's webhooks: ids to read, each once however often an event names it.

Answering a webhook takes no lock that a read of Xero holds: rows are inserted, or their version rises.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Table, case, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from posxero.db.base import database_time, new_id
from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.xero_change import XeroChange
from posxero.domain.chunks import chunks
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.services.drift.checks import ClaimedCheck
from posxero.xero.client import MAX_IDS
from posxero.xero.webhooks import Event

KEY = ("business_id", "tenant_id", "category", "xero_id")
TABLE: Final[Table] = XeroChange.__table__  # type: ignore[assignment]  # SQLAlchemy types it as any FROM clause
MAX_PARAMETERS = 1000  # of one statement; both databases take more
FIRST: Final = UUID(int=0)
BATCH_SIZE: Final = 5 * MAX_IDS  # rows that are looked at together


class Resource(NamedTuple):
    """What is to be read in Xero, for one business."""

    business_id: UUID
    tenant_id: UUID
    category: ChangeCategory
    xero_id: UUID


class InboxBatch(NamedTuple):
    """Rows that need no read, and those to read. The others wait for a push to be answered."""

    to_drop: Sequence[Row[Any]]
    to_read: Sequence[Row[Any]]


def receive(session: Session, events: Iterable[Event], *, now: datetime, jobs: JobQueue) -> int:
    """Store what the events of one delivery name, and enqueue the reads. Those of unknown organisations are dropped.

    Commits, then enqueues.

    Returns:
        The number of different resources that were stored.
    """
    newest = _newest_by_resource(events)
    if not newest:
        return 0
    owners = _owners(session, {event.tenant_id for event in newest.values()})
    session.commit()
    found = {
        Resource(owners[event.tenant_id], event.tenant_id, event.category, event.xero_id): event.at
        for event in newest.values()
        if event.tenant_id in owners
    }
    if found:
        with writing(session):
            store(session, found, now=now)
    for business_id in sorted({resource.business_id for resource in found}):
        jobs.read_changes(business_id)
    return len(found)


def store(session: Session, resources: Mapping[Resource, datetime | None], *, now: datetime) -> None:
    """Store resources to read with Xero's times of their change, in one statement; the caller commits.

    In one order, so that two deliveries that name the same do not wait for each other.
    """
    if not resources:
        return
    rows: list[dict[str, Any]] = [
        {**resource._asdict(), "id": new_id(), "event_at": at, "received_at": now, "version": 1}
        for resource, at in sorted(resources.items(), key=lambda one: one[0])
    ]
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(TABLE)  # without the ORM, which takes as long again
    newer = case((TABLE.c.event_at > statement.excluded.event_at, TABLE.c.event_at), else_=statement.excluded.event_at)
    raised = {"version": TABLE.c.version + 1, "event_at": newer}
    session.execute(statement.on_conflict_do_update(index_elements=KEY, set_=raised), rows)


def work_off(
    check: ClaimedCheck,
    category: ChangeCategory,
    choose: Callable[[Sequence[Row[Any]], datetime], InboxBatch],
    read_chunk: Callable[[Sequence[Row[Any]]], None],
) -> bool:
    """Drop and read the rows of a category, the oldest first, until the slice is over; return whether there were any.

    Args:
        check: The check that has the inbox.
        category: Of the rows.
        choose: Says at a time which rows to drop and which to read; its transaction is ended here.
        read_chunk: Reads up to 40 rows in Xero, and removes those of which Xero told.
    """
    after, found = FIRST, False
    while rows := _next_rows(check, category, after):
        batch = choose(rows, database_time(check.session))
        check.session.commit()
        if batch.to_drop:
            with writing(check.session):
                remove(check.session, check.row.business_id, batch.to_drop)
        for chunk in chunks(batch.to_read, MAX_IDS):
            if check.is_slice_over:
                return True
            read_chunk(chunk)
        after, found = rows[-1].id, found or bool(batch.to_drop or batch.to_read)
    return found


def _next_rows(check: ClaimedCheck, category: ChangeCategory, after: UUID) -> Sequence[Row[Any]]:
    query = (
        select(XeroChange.id, XeroChange.xero_id, XeroChange.version, XeroChange.event_at)
        .where(XeroChange.business_id == check.row.business_id, XeroChange.tenant_id == check.row.tenant_id)
        .where(XeroChange.category == category, XeroChange.id > after)
        .order_by(XeroChange.id)
        .limit(BATCH_SIZE)
    )
    rows: list[Row[Any]] = list(check.session.execute(query))
    if not rows:
        check.session.commit()
    return rows


def remove(session: Session, business_id: UUID, rows: Sequence[Row[Any]]) -> None:
    """Remove rows of the inbox whose version is as it was; the caller commits.

    They are locked in the order in which webhooks write them.
    """
    if not rows:
        return
    ours = (XeroChange.business_id == business_id, XeroChange.id.in_([row.id for row in rows]))
    locked = select(XeroChange.id).where(*ours).order_by(XeroChange.category, XeroChange.xero_id)
    session.execute(locked.with_for_update()).all()
    as_read = tuple_(XeroChange.id, XeroChange.version).in_([(row.id, row.version) for row in rows])
    statement = delete(XeroChange).where(ours[0], as_read)
    session.execute(statement.execution_options(synchronize_session=False))


def _newest_by_resource(events: Iterable[Event]) -> dict[tuple[UUID, ChangeCategory, UUID], Event]:
    """Keep one event for each resource: the newest, or one without a time, which tells nothing of how new it is."""
    newest: dict[tuple[UUID, ChangeCategory, UUID], Event] = {}
    for event in events:
        key = (event.tenant_id, event.category, event.xero_id)
        kept = newest.setdefault(key, event)
        if kept.at is not None and (event.at is None or event.at > kept.at):
            newest[key] = event
    return newest


def _owners(session: Session, tenant_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the business of each organisation that is connected, even when its consent is lost at the moment."""
    asked, owners = list(tenant_ids), dict[UUID, UUID]()
    current = select(Connection.tenant_id, Connection.business_id).where(Connection.state != ConnectionState.ENDED)
    for chunk in chunks(asked, MAX_PARAMETERS):
        rows = session.execute(current.where(Connection.tenant_id.in_(chunk)))
        owners.update((tenant_id, business_id) for tenant_id, business_id in rows)
    return owners
