"""Claim debts of one business under a lease, so that no other worker sends them."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, select, true, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.services.push.debt import Debt, debt_of, load_links
from posxero.services.push.due import Priority, batches, may_send
from posxero.services.push.in_flight import record_in_flight
from posxero.settings import Timings

MARGIN: Final = 1.1  # of the longest call: a pusher that was stopped for a while must not send late


@dataclass(frozen=True, slots=True)
class Claim:
    """Debts under one lease. After `send_until` (monotonic seconds) too little of it is left to send anything."""

    connection: Connection
    token: UUID
    priority: Priority
    send_until: float
    debts: tuple[Debt, ...]

    @property
    def business_id(self) -> UUID:
        """Whose debts they are."""
        return self.connection.business_id

    @property
    def in_time(self) -> bool:
        """Whether a call that begins now ends, at the latest, before the lease does."""
        return time.monotonic() < self.send_until


def claim(
    session: Session,
    business_id: UUID,
    timings: Timings,
    *,
    priorities: Collection[Priority] = tuple(Priority),
    began: float,
    now: datetime,
) -> Claim | None:
    """Claim up to 50 debts of the first priority that has any; commits.

    Args:
        timings: How long the lease is, and how long a call may take.
        priorities: Which to look at.
        began: Monotonic seconds, from before `now` was read.
        now: The database's time.

    Returns:
        None when nothing is due, or nothing may be sent.
    """
    token = uuid4()
    with writing(session):
        usable = select(Connection).where(Connection.business_id == business_id, may_send(now))
        connection = session.scalar(usable, execution_options={"populate_existing": True})
        if connection is None:
            return None
        priority, leased = _claim_first(session, connection, token, priorities, now=now, until=now + timings.lease)
        if not leased:
            return None
        rows = load_links(session, business_id, leased)
        debts = tuple(debt_of(link, contact, now) for link, contact in rows)
        record_in_flight(session, rows, timings, now=now)
    longest = (timings.connect_timeout + timings.read_timeout) * MARGIN
    return Claim(connection, token, priority, began + timings.lease.total_seconds() - longest, debts)


def _claim_first(
    session: Session,
    connection: Connection,
    token: UUID,
    priorities: Collection[Priority],
    *,
    now: datetime,
    until: datetime,
) -> tuple[Priority, Sequence[UUID]]:
    """Lease links of the first priority that has any; return them with it."""
    for priority, condition, limit in batches(connection, priorities, now):
        leased = _lease(session, connection, token, condition, limit, now=now, until=until)
        if leased:
            return priority, leased
    return Priority.CHECK, ()


def _lease(
    session: Session,
    connection: Connection,
    token: UUID,
    condition: ColumnElement[bool],
    limit: int,
    *,
    now: datetime,
    until: datetime,
) -> Sequence[UUID]:
    """Put a lease on links that meet a condition, those that wait longest first; return which.

    One conditional UPDATE decides, on both databases: what it changed is ours. A link
    whose last lease ran out was perhaps sent by whoever had it, so it is verified first.
    """
    free = (
        select(Link.id)
        .where(Link.business_id == connection.business_id, Link.tenant_id == connection.tenant_id, condition)
        .order_by(Link.owed_at.nulls_first(), Link.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")  # not a subquery: PostgreSQL may run that twice, and take more than the limit
    )
    leased = session.scalars(
        update(Link)
        .where(Link.business_id == connection.business_id, Link.id.in_(select(free.c.id)), condition)
        .values(
            lease_token=token,
            leased_at=now,
            lease_until=until,
            verify_due=case((Link.lease_until.is_not(None), true()), else_=Link.verify_due),
        )
        .returning(Link.id)
        .execution_options(synchronize_session=False)
    )
    return leased.all()
