"""Two designs that lose customers' data, kept so that the simulation proves that it finds them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sqlalchemy import or_, select, update

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import LinkState
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.xero_connection import access
from posxero.xero.contact_reading import read_copy
from posxero.xero.contact_writing import creation_of, update_of
from posxero.xero.errors import XeroError
from tests.simulation.engine import PUSH, Hint, Hints, PushEngine

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.ports import Ports
    from posxero.xero import shapes
    from posxero.xero.client import XeroClient
    from tests.simulation.clock import VirtualClock

LEASE = timedelta(seconds=60)


class Payload(NamedTuple):
    """What is to be sent of one contact, as it was when it was read."""

    contact_id: UUID
    xero_id: UUID | None
    revision: int
    values: tuple[tuple[str, str], ...]


class PayloadQueue(Hints):
    """Sends every owed contact's values along with the hint."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def push(self, business_id: UUID, *, awaited: bool = False) -> None:
        for payload in _owed(self._session):
            self.send(Hint(PUSH, business_id, payload), first=awaited)
        self._session.commit()


class PayloadInJob(PushEngine):
    """The naive design: the job carries what to send, and is queued again when that fails."""

    pushes_sales = False

    def open_queue(self, session: Session) -> Hints:
        return PayloadQueue(session)

    def run(self, hint: Hint, session: Session, ports: Ports, clock: VirtualClock) -> None:
        if not isinstance(hint.payload, Payload):
            return
        try:
            answer = _send(session, ports, hint.payload, clock)
        except XeroError:
            assert isinstance(ports.jobs, Hints)
            ports.jobs.send(hint)
            return
        with writing(session):
            _settle(session, hint.payload, answer)

    def sweep(self, session: Session, ports: Ports, clock: VirtualClock) -> None:
        """Do nothing: the queue is all there is."""


class RevisionsWithoutVerify(PushEngine):
    """Debts as revisions under a lease, settled by compare-and-set; nobody ever reads Xero again."""

    pushes_sales = False

    def run(self, hint: Hint, session: Session, ports: Ports, clock: VirtualClock) -> None:
        if hint.job != PUSH:
            super().run(hint, session, ports, clock)
            return
        token = uuid4()
        for payload in self._claim(session, token, clock):
            try:
                answer = _send(session, ports, payload, clock)
            except XeroError:
                continue  # its lease expires
            with writing(session):
                _settle(session, payload, answer, Link.lease_token == token, lease_token=None, lease_until=None)

    def _claim(self, session: Session, token: UUID, clock: VirtualClock) -> list[Payload]:
        now = clock.now()
        free = or_(Link.lease_until.is_(None), Link.lease_until <= now, Link.leased_at > now)
        with writing(session):
            claimed = session.scalars(
                update(Link)
                .where(Link.sent_revision < Link.owed_revision, Link.state == LinkState.ACTIVE, free)
                .values(lease_token=token, leased_at=now, lease_until=now + LEASE)
                .returning(Link.id)
            ).all()
            return _owed(session, Link.id.in_(claimed))


def _owed(session: Session, *which: Any) -> list[Payload]:
    query = select(Link, Contact).join(Contact, Contact.id == Link.contact_id)
    rows = session.execute(query.where(Link.sent_revision < Link.owed_revision, *which)).all()
    return [
        Payload(contact.id, link.xero_id, contact.revision, tuple((key, getattr(contact, key)) for key in MAPPED_KEYS))
        for link, contact in rows
    ]


def _send(session: Session, ports: Ports, payload: Payload, clock: VirtualClock) -> shapes.Contact:
    """Create a contact, or send all of it."""
    connection = session.scalars(select(Connection)).one()
    values = dict(payload.values)

    def use(client: XeroClient) -> shapes.Contact:
        if payload.xero_id is None:
            return client.put_contact(creation_of(payload.contact_id, values), str(payload.contact_id))
        element = update_of(payload.xero_id, values, XeroCopy(), tax_number_edited=False)
        return client.post_contacts([element])[0]

    return access.call(session, connection, ports, use, now=clock.now())


def _settle(session: Session, payload: Payload, answer: shapes.Contact, *which: Any, **columns: Any) -> None:
    """Note that a revision was sent, or refused."""
    if answer.is_written:
        columns |= {"sent_revision": payload.revision, "copy": read_copy(answer).to_json()}
        columns |= {"xero_id": payload.xero_id or answer.contact_id}
    else:
        columns |= {"state": LinkState.PARKED, "reason": "Xero refused it."}
    session.execute(update(Link).where(Link.contact_id == payload.contact_id, *which).values(columns))
