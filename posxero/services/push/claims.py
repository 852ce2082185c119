"""Take debts of one business under a lease, so that no other worker sends them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, case, or_, select, true, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.words import ConnectionState, LinkState
from posxero.services.debts import OWED
from posxero.settings import Timings

BATCH: Final = 50  # contacts a call; Xero's "Requests and responses" recommends no more
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
    tax_number_edited: bool
    owed: bool  # False: only to be verified
    verify: bool
    tries: int
    creation_key: str

    @property
    def name(self) -> str:
        """The contact's name, for reasons in words."""
        return self.values["name"]

    def as_seen(self, xero_id: UUID, copy: XeroCopy) -> "Debt":
        """Give the debt with what Xero has now."""
        return replace(self, xero_id=xero_id, copy=copy)


@dataclass(frozen=True, slots=True)
class Claim:
    """Debts under one lease. After `send_until` (monotonic seconds) too little of it is left to send anything."""

    connection: Connection
    token: UUID
    send_until: float
    debts: tuple[Debt, ...]

    @property
    def business_id(self) -> UUID:
        """Whose debts they are."""
        return self.connection.business_id

    @property
    def in_time(self) -> bool:
        """Tell whether a call that begins now ends, at the latest, before the lease does."""
        return time.monotonic() < self.send_until


def is_due(now: datetime) -> ColumnElement[bool]:
    """Write the condition on a link: it is owed, its time has come, and nobody has it."""
    return and_(
        OWED,
        Link.state == LinkState.ACTIVE,
        or_(Link.next_try_at.is_(None), Link.next_try_at <= now),
        or_(Link.lease_until.is_(None), Link.lease_until < now),
    )


def may_send(now: datetime) -> ColumnElement[bool]:
    """Write the condition on a connection: the consent holds and nobody asked us to wait."""
    return and_(
        Connection.state == ConnectionState.CONNECTED,
        or_(Connection.paused_until.is_(None), Connection.paused_until <= now),
    )


def claim(session: Session, business_id: UUID, timings: Timings, *, began: float, now: datetime) -> Claim | None:
    """Take up to 50 debts that are due; commits. None when there are none, or nothing may be sent.

    Args:
        timings: How long the lease is, and how long a call may take.
        began: Monotonic seconds, from before `now` was read.
        now: The database's time.
    """
    token = uuid4()
    with writing(session):
        usable = select(Connection).where(Connection.business_id == business_id, may_send(now))
        connection = session.scalar(usable, execution_options={"populate_existing": True})
        if connection is None:
            return None
        taken = _take(session, connection, token, until=now + timings.lease, now=now)
        debts = _read(session, business_id, taken) if taken else ()
    if not debts:
        return None
    longest = (timings.connect_timeout + timings.read_timeout) * MARGIN
    send_until = began + timings.lease.total_seconds() - longest
    return Claim(connection, token, send_until, debts)


def _take(session: Session, connection: Connection, token: UUID, *, until: datetime, now: datetime) -> Sequence[UUID]:
    """Put a lease on links that are due; tells which.

    One conditional UPDATE decides, on both databases: what it changed is ours. A link
    whose last lease ran out was perhaps sent by whoever had it, so it is verified first.
    """
    free = (
        select(Link.id)
        .where(Link.business_id == connection.business_id, Link.tenant_id == connection.tenant_id, is_due(now))
        .order_by(Link.next_try_at.nulls_first(), Link.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("free")  # not a subquery: PostgreSQL may run that twice, and take more than the limit
    )
    taken = session.scalars(
        update(Link)
        .where(Link.business_id == connection.business_id, Link.id.in_(select(free.c.id)), is_due(now))
        .values(
            lease_token=token,
            lease_until=until,
            verify_due=case((Link.lease_until.is_not(None), true()), else_=Link.verify_due),
        )
        .returning(Link.id)
        .execution_options(synchronize_session=False)
    )
    return taken.all()


def _read(session: Session, business_id: UUID, link_ids: Sequence[UUID]) -> tuple[Debt, ...]:
    rows = session.execute(
        select(Link, Contact)
        .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
        .where(Link.business_id == business_id, Link.id.in_(link_ids))
        .order_by(Link.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_debt(link, contact) for link, contact in rows)


def _debt(link: Link, contact: Contact) -> Debt:
    kept: dict[str, Any] = link.copy
    return Debt(
        link_id=link.id,
        contact_id=contact.id,
        xero_id=link.xero_id,
        revision=contact.revision,
        values={key: getattr(contact, key) for key in MAPPED_KEYS},
        copy=XeroCopy.from_json(kept),
        tax_number_edited=contact.tax_number_edited,
        owed=link.sent_revision < link.owed_revision,
        verify=link.verify_due,
        tries=link.tries,
        creation_key=link.creation_key,
    )
