"""Claim what one business owes Xero under a lease, so that no other worker sends it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Integer, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.lease import lease_values
from posxero.db.push_state import is_owed
from posxero.services.push.due import NOW, AnyKind, DueBatch, Priority, batches, may_send, times_at
from posxero.services.push.in_flight import record_in_flight
from posxero.services.push.items import PushItem
from posxero.services.push.kinds import KINDS
from posxero.services.push.kinds.kind import PushKind
from posxero.settings import Settings

LEASE_MARGIN: Final = 1.1  # of the longest call: a worker that was stopped for a while must not send late


@dataclass(frozen=True, slots=True)
class Claim:
    """Items of one kind under one lease.

    After `send_until` (monotonic seconds) too little of the lease is left to send anything.
    """

    connection: Connection
    kind: PushKind[Any, Any]
    token: UUID
    priority: Priority
    send_until: float
    items: tuple[PushItem, ...]

    @property
    def business_id(self) -> UUID:
        """Whose items they are."""
        return self.connection.business_id

    @property
    def may_call(self) -> bool:
        """Whether a call that begins now ends, at the latest, before the lease does."""
        return time.monotonic() < self.send_until


def claim(
    session: Session,
    business_id: UUID,
    settings: Settings,
    *,
    awaited_kinds: Sequence[AnyKind] = KINDS,
    began: float,
    now: datetime,
) -> Claim | None:
    """Claim one batch of the first priority and kind that has any; commits.

    Args:
        settings: How long the lease is, how long a call may take, and what Xero's limits are.
        awaited_kinds: Of which kinds items that a person waits for are claimed as such.
        began: Monotonic seconds, from before `now` was read.
        now: The database's time.

    Returns:
        None when nothing is due, or nothing may be sent.
    """
    token, timings = uuid4(), settings.timings
    with writing(session):
        usable = select(Connection).where(Connection.business_id == business_id, may_send(now))
        connection = session.scalar(usable, execution_options={"populate_existing": True})
        if connection is None:
            return None
        found = _lease_first(session, connection, settings, token, awaited_kinds, now=now)
        if found is None:
            return None
        priority, kind, leased = found
        rows = kind.load(session, business_id, leased, now=now)
        record_in_flight(session, kind.table, rows, timings, now=now)
    longest_call = (timings.connect_timeout + timings.read_timeout) * LEASE_MARGIN
    send_until = began + timings.lease.total_seconds() - longest_call
    return Claim(connection, kind, token, priority, send_until, tuple(item for _, item in rows))


def _lease_first(
    session: Session,
    connection: Connection,
    settings: Settings,
    token: UUID,
    awaited_kinds: Sequence[AnyKind],
    *,
    now: datetime,
) -> tuple[Priority, PushKind[Any, Any], Sequence[UUID]] | None:
    """Lease rows of the first priority and kind that has any."""
    until = now + settings.timings.lease
    for batch in batches(connection, awaited_kinds, now):
        limit = min(batch.limit, batch.kind.allowance(session, connection, settings.xero, now=now))
        leased = _lease(session, connection, batch, token, limit, now=now, until=until)
        if leased:
            return batch.priority, batch.kind, leased
    return None


def _lease(
    session: Session,
    connection: Connection,
    batch: DueBatch,
    token: UUID,
    limit: int,
    *,
    now: datetime,
    until: datetime,
) -> Sequence[UUID]:
    """Put a lease on rows of a batch, those that wait longest first; return which."""
    if limit < 1:
        return ()
    whose = {"of_business": connection.business_id, "of_tenant": connection.tenant_id, "at_most": limit}
    lease = {"claim_token": token, "claim_until": until}
    return session.scalars(_lease_statement(batch), {**times_at(now), **whose, **lease}).all()


@cache
def _lease_statement(batch: DueBatch) -> ReturningUpdate[UUID]:
    """Draw up the statement that leases rows of a batch.

    One conditional UPDATE decides, on both databases: what it changed is ours. A row that is owed and
    whose last lease ran out may have been sent by its last holder, so it is verified first.
    """
    table = batch.kind.table
    of_business: Any = bindparam("of_business")
    free = (
        select(table.id)
        .where(table.business_id == of_business, table.tenant_id == bindparam("of_tenant"), batch.condition)
        .order_by(table.owed_at.nulls_first(), table.id)
        .limit(bindparam("at_most", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("free")  # not a subquery: PostgreSQL may run that twice, and take more than the limit
    )
    lease = lease_values(bindparam("claim_token"), now=NOW, until=bindparam("claim_until"))
    return (
        update(table)
        .where(table.business_id == of_business, table.id.in_(select(free.c.id)), batch.condition)
        .values(**lease, verify_due=or_(table.verify_due, and_(table.lease_until.is_not(None), is_owed(table))))
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
