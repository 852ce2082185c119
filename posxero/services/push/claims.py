"""Claim debts of one business under a lease, so that no other worker sends them."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, case, select, true, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.doubts import Doubt
from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.words import LinkState
from posxero.services.push.creation import Creation
from posxero.services.push.due import Priority, batches, may_send
from posxero.services.push.in_flight import read_doubts, record_in_flight
from posxero.settings import Timings

MARGIN: Final = 1.1  # of the longest call: a pusher that was stopped for a while must not send late


@dataclass(frozen=True, slots=True)
class Debt:
    """One contact as it was read for a push; `revision` is the one these values belong to."""

    link_id: UUID
    contact_id: UUID
    xero_id: UUID | None  # None: to be created in Xero
    revision: int
    values: Mapping[str, str]
    copy: XeroCopy
    differs_since_linked: bool
    tax_number_edited: bool
    state: LinkState
    owed: bool  # False: only to be verified
    verify: bool
    check: bool  # a check of `doubts` is due
    refresh: bool  # to be read before anything is sent: this database may be older than Xero
    tries: int
    doubts: tuple[Doubt, ...]
    creation: Creation | None  # one whose outcome is not known
    added_at: datetime  # when the contact was added here

    @property
    def name(self) -> str:
        """The contact's name, for reasons in words."""
        return self.values["name"]

    @property
    def must_read(self) -> bool:
        """Whether Xero must be read before anything is sent. The answer to a push is a check, too."""
        return self.verify or self.refresh or (self.check and not self.is_pushed)

    @property
    def is_pushed(self) -> bool:
        """Whether Xero is to get its values: it is owed, and nothing is in the way."""
        return self.owed and self.state is LinkState.ACTIVE

    def as_seen(self, xero_id: UUID, copy: XeroCopy) -> "Debt":
        """Return the debt with what Xero has now."""
        return replace(self, xero_id=xero_id, copy=copy)


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
        rows = _rows(session, business_id, leased)
        debts = tuple(_debt(link, contact, now) for link, contact in rows)
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


def _rows(session: Session, business_id: UUID, link_ids: Sequence[UUID]) -> Sequence[tuple[Link, Contact]]:
    rows = session.execute(
        select(Link, Contact)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(Link.business_id == business_id, Link.id.in_(link_ids))
        .order_by(Link.id)
        .execution_options(populate_existing=True)
    )
    return [(link, contact) for link, contact in rows]


def _debt(link: Link, contact: Contact, now: datetime) -> Debt:
    kept: dict[str, Any] = link.copy
    return Debt(
        link_id=link.id,
        contact_id=contact.id,
        xero_id=link.xero_id,
        revision=contact.revision,
        values={key: getattr(contact, key) for key in MAPPED_KEYS},
        copy=XeroCopy.from_json(kept),
        differs_since_linked=link.differs_since_linked,
        tax_number_edited=contact.tax_number_edited,
        state=link.state,
        owed=link.sent_revision < link.owed_revision,
        verify=link.verify_due,
        check=link.verify_again_at is not None and link.verify_again_at <= now,
        refresh=link.refresh_due,
        tries=link.tries,
        doubts=read_doubts(link.doubted),
        creation=Creation.of(link),
        added_at=contact.created_at,
    )
