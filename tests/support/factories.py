"""Rows for tests, added straight to the database: contacts, links, connections and grants. Each commits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4

from posxero.db.base import new_id
from posxero.db.connection import Connection, Grant
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.history_note import HistoryNote
from posxero.db.import_ import Import, ImportRow
from posxero.domain.columns import columns_of
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ConnectionState, LinkState, Outcome, Phase
from posxero.domain.fields import KEYS, MAPPED_KEYS
from posxero.domain.folding import email_key, name_key
from posxero.services.contacts.contacts import values_of
from posxero.services.contacts.labels import vocabulary
from posxero.services.contacts.search.keys import search_columns
from posxero.xero.vault import Tokens
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from posxero.db.base import Base
    from posxero.db.business import Business
    from posxero.domain.labels import LabelKind
    from posxero.domain.refusals import Refusal
    from posxero.xero.vault import Vault


class TokenSource(Protocol):
    """Practice Xero, or what stands in for it."""

    tenant: str

    def tokens(self) -> dict[str, Any]:
        """Consent, and exchange the code."""


def store(session: Session, *rows: Base) -> None:
    """Add rows and commit, also while other processes write: what was read before belongs to another transaction."""
    session.commit()
    with writing(session):
        session.add_all(rows)


def new_contact(business: Business, name: str = "Ann Smith", *, at: datetime = LONG_AGO, **more: Any) -> Contact:
    """Build a customer, as if typed at a time; `more` are fields by key, and columns like is_supplier."""
    fields = {key: str(more.pop(key, "")) for key in KEYS} | {"name": name}
    return Contact(
        business_id=business.id,
        id=new_id(),
        created_at=at,
        updated_at=at,
        **columns_of(fields),
        **search_columns(fields, business.country),
        **more,
    )


def add_contact(session: Session, business: Business, name: str = "Ann Smith", **more: Any) -> Contact:
    """Add what `new_contact` builds."""
    contact = new_contact(business, name, **more)
    store(session, contact)
    return contact


def parked(refusal: Refusal) -> dict[str, Any]:
    """Return the columns of what Xero refused, as `push.outcomes.parked` writes them."""
    return {"state": LinkState.PARKED, "reason": refusal.reason, "refusal": refusal.kind}


def new_link(contact: Contact, connection: Connection, *, at: datetime = LONG_AGO, **columns: Any) -> Link:
    """Build the link of a contact to one of an organisation, as an import does; `columns` override."""
    copy = XeroCopy(values={key: value for key, value in values_of(contact).items() if key in MAPPED_KEYS})
    return Link(
        business_id=contact.business_id,
        id=new_id(),
        contact_id=contact.id,
        tenant_id=connection.tenant_id,
        linked_at=at,
        **{
            "xero_id": uuid4(),
            "copy": copy.to_json(),
            "sent_revision": contact.revision,
            "owed_revision": contact.revision,
            "state": LinkState.ACTIVE,
            **columns,
        },
    )


def add_link(session: Session, contact: Contact, connection: Connection, **columns: Any) -> Link:
    """Add what `new_link` builds."""
    link = new_link(contact, connection, **columns)
    store(session, link)
    return link


def new_import(business: Business, *, at: datetime = LONG_AGO, **columns: Any) -> Import:
    """Build an import from Kiwi Ltd that has ended; `columns` override, and one is `tenant_id`."""
    times = {"phase_at": at, "started_at": at, "finished_at": at}
    defaults = {"organisation": "Kiwi Ltd", "phase": Phase.FINISHED, "started_by": "Mia"}
    return Import(business_id=business.id, id=new_id(), **(times | defaults | columns))


def new_import_row(run: Import, name: str = "Ann Smith", email: str = "", **columns: Any) -> ImportRow:
    """Build what an import read of a customer; `columns` override."""
    values = dict(XeroCopy().values) | {"name": name, "email": email}
    defaults = {
        "xero_id": uuid4(),
        "name": name,
        "copy": XeroCopy(values=values).to_json(),
        "is_customer": True,
        "is_supplier": False,
        "name_key": name_key(name),
        "email_key": email_key(email),
        "search_text": "",
        "phone_keys": "",
        "outcome": Outcome.ADDED,
    }
    return ImportRow(business_id=run.business_id, import_id=run.id, **(defaults | columns))


def add_label(session: Session, business: Business, kind: LabelKind, *names: str) -> None:
    """Add groups or tags to those of a business."""
    for name in names:
        vocabulary.add(session, business.id, kind, name, now=LONG_AGO)


def add_note(session: Session, link: Link, *, at: datetime = LONG_AGO, **columns: Any) -> HistoryNote:
    """Add a note about a change of a linked contact, which Xero is owed; `columns` override."""
    note = HistoryNote(
        business_id=link.business_id,
        id=new_id(),
        link_id=link.id,
        contact_id=link.contact_id,
        tenant_id=link.tenant_id,
        activity_id=new_id(),
        details="Retail POS: Email changed by Mia",
        created_at=at,
        **{"owed_revision": 1, "owed_at": at, "state": LinkState.ACTIVE, **columns},
    )
    store(session, note)
    return note


def add_connection(session: Session, business: Business, **columns: Any) -> Connection:
    """Connect a business to an organisation called Kiwi Ltd, without a grant; `columns` override."""
    connection = Connection(
        business_id=business.id,
        id=new_id(),
        **{
            "tenant_id": uuid4(),
            "xero_connection_id": "1",
            "name": "Kiwi Ltd",
            "short_code": "!kiwi",
            "state": ConnectionState.CONNECTED,
            "connected_at": LONG_AGO,
            "connected_by": "Olive",
            **columns,
        },
    )
    store(session, connection)
    return connection


def add_grant(
    session: Session, business: Business, xero: TokenSource, vault: Vault, *, at: datetime | None = None
) -> Grant:
    """Consent at Practice Xero for its first organisation, without the pages."""
    issued, at = xero.tokens(), at or now()
    grant = Grant(id=new_id(), expires_at=at + timedelta(seconds=issued["expires_in"]), refreshed_at=at)
    tokens = Tokens(issued["access_token"], issued["refresh_token"])
    grant.tokens = vault.seal(grant.id, tokens, business_id=business.id)
    store(session, grant)
    return grant


def add_practice_connection(session: Session, business: Business, xero: TokenSource, vault: Vault) -> Connection:
    """Connect a business to the first organisation of Practice Xero, without the pages."""
    grant = add_grant(session, business, xero, vault)
    details = {"name": "Kiwi Outfitters", "short_code": "", "connected_at": now()}
    return add_connection(session, business, tenant_id=UUID(xero.tenant), grant_id=grant.id, **details)
