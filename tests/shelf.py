"""Customers for tests: added straight to the database, as if typed long ago; links and connections beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.domain.columns import columns_of
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ConnectionState, LinkState
from posxero.domain.fields import KEYS, MAPPED_KEYS
from posxero.queue import JobQueue
from posxero.services.contacts.contacts import values_of
from posxero.services.contacts.search.keys import search_columns

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

LONG_AGO = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


class Heard(JobQueue):
    """Hints that go nowhere, and are remembered."""

    def __init__(self) -> None:
        super().__init__(None)
        self.pushes: list[UUID] = []

    def push(self, business_id: UUID, *, awaited: bool = False) -> None:  # noqa: ARG002
        """Remember a hint."""
        self.pushes.append(business_id)


def add(session: Session, business: Business, name: str = "Ann Smith", **more: Any) -> Contact:
    """Add a customer; `more` are fields by key, and columns like is_supplier."""
    fields = {key: str(more.pop(key, "")) for key in KEYS} | {"name": name}
    contact = Contact(
        business_id=business.id,
        id=new_id(),
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        **columns_of(fields),
        **search_columns(fields, business.country),
        **more,
    )
    session.add(contact)
    session.commit()
    return contact


def connect(session: Session, business: Business, state: ConnectionState = ConnectionState.CONNECTED) -> Connection:
    """Connect a business to an organisation called Kiwi Ltd."""
    connection = Connection(
        business_id=business.id,
        id=new_id(),
        tenant_id=uuid4(),
        xero_connection_id="1",
        name="Kiwi Ltd",
        short_code="!kiwi",
        state=state,
        connected_at=LONG_AGO,
        connected_by="Olive",
    )
    session.add(connection)
    session.commit()
    return connection


def link(session: Session, contact: Contact, connection: Connection, **columns: Any) -> Link:
    """Link a contact as an import does; `columns` override."""
    copy = XeroCopy(values={key: value for key, value in values_of(contact).items() if key in MAPPED_KEYS})
    row = Link(
        business_id=contact.business_id,
        id=new_id(),
        contact_id=contact.id,
        tenant_id=connection.tenant_id,
        linked_at=LONG_AGO,
        **{
            "xero_id": uuid4(),
            "copy": copy.to_json(),
            "sent_revision": contact.revision,
            "owed_revision": contact.revision,
            "state": LinkState.ACTIVE,
            **columns,
        },
    )
    session.add(row)
    session.commit()
    return row
