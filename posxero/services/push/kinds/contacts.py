"""ContactKind: the linked customers and suppliers, up to 50 in a call."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.push_state import PushState
from posxero.domain import gone
from posxero.domain.diff import Difference, differences
from posxero.domain.enums import LinkState
from posxero.domain.gone import gone_state
from posxero.domain.refusals import Refusal
from posxero.services.contacts.merged import is_merged
from posxero.services.push.items import Creation
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.kinds.contact_feed import ContactFeed
from posxero.services.push.kinds.contact_item import ContactItem, item_of
from posxero.services.push.kinds.history_lines import add_notes
from posxero.services.push.kinds.kind import KindWords, PushKind
from posxero.xero.client import MAX_ELEMENTS, MAX_IDS, XeroClient
from posxero.xero.contact_reading import read_copy
from posxero.xero.contact_writing import creation_of, update_of
from posxero.xero.refusals import raw_json
from posxero.xero.shapes import Contact as XeroContact


class ContactKind(PushKind[ContactItem, XeroContact]):
    """How linked contacts are pushed. Each carries our contact's id as its ContactNumber when it is created."""

    name = "contact"
    table = Link
    feed = ContactFeed()
    batch_size = MAX_ELEMENTS
    creations_batch_size = 4  # each is a call or two of its own, and a person's save may be waiting
    read_batch_size = MAX_IDS
    is_mutable = True
    is_looked_up_after_creation = True
    has_history = True
    words = KindWords(
        internal_error=reasons.BROKEN,
        not_in_answer=reasons.INCOMPLETE,
        other_in_answer=reasons.ANOTHER,
        no_reason=reasons.NO_REASON,
        taken=reasons.TAKEN,
        created="Added to Xero.",
    )

    def blocked(self) -> ColumnElement[bool]:
        """Return the condition that the contact was merged into another here: its link rests."""
        return is_merged()

    def load(
        self, session: Session, business_id: UUID, ids: Sequence[UUID], *, now: datetime
    ) -> Sequence[tuple[PushState, ContactItem]]:
        """Load links with their contacts, as the database has them now."""
        rows = session.execute(
            select(Link, Contact)
            .join(Contact, and_(Contact.business_id == Link.business_id, Contact.id == Link.contact_id))
            .where(Link.business_id == business_id, Link.id.in_(ids))
            .order_by(Link.id)
            .execution_options(populate_existing=True)
        )
        return [(link, item_of(link, contact, now)) for link, contact in rows]

    def read(self, client: XeroClient, ids: Sequence[UUID]) -> Sequence[XeroContact]:
        """Read contacts by their ids, archived ones too."""
        return client.contacts_by_ids(ids)

    def read_one(self, client: XeroClient, xero_id: UUID) -> XeroContact | None:
        """Read one contact by its own address."""
        return client.contact_by_id(contact_id=xero_id)

    def find(self, client: XeroClient, item: ContactItem) -> Sequence[XeroContact]:
        """Find contacts that carry our number."""
        return client.contacts_by_number(number=str(item.contact_id))

    def create(self, client: XeroClient, item: ContactItem, creation: Creation) -> XeroContact:  # noqa: ARG002 - stored
        """Create a contact."""
        return client.put_contact(element=creation.element, idempotency_key=creation.key)

    def update(self, client: XeroClient, items: Sequence[ContactItem]) -> Sequence[XeroContact]:
        """Send contacts whole."""
        elements = [
            update_of(item.xero_id, item.values, item.copy, tax_number_edited=item.tax_number_edited)
            for item in items
            if item.xero_id is not None
        ]
        return client.post_contacts(elements)

    def element_of(self, item: ContactItem) -> Mapping[str, Any]:
        """Return the contact with our number."""
        return creation_of(item.contact_id, item.values)

    def id_of(self, remote: XeroContact) -> UUID:
        """Return its ContactID."""
        return remote.contact_id

    def is_ours(self, item: ContactItem, remote: XeroContact) -> bool:
        """Return whether its ContactNumber is our contact's id."""
        return (remote.contact_number or "").lower() == str(item.contact_id)

    def is_written(self, remote: XeroContact) -> bool:
        """Return whether Xero took it."""
        return remote.is_written

    def complaints_of(self, remote: XeroContact) -> Sequence[str]:
        """Return its validation errors."""
        return remote.error_messages

    def notices_of(self, remote: XeroContact) -> str:
        """Return its warnings."""
        return " ".join(notice.message or "" for notice in remote.warnings or ())

    def gone(self, remote: XeroContact | None) -> LinkState | None:
        """Return whether it is missing, archived, merged or erased."""
        return gone_state(None if remote is None else read_copy(remote))

    def says_gone(self, complaints: Sequence[str]) -> bool:
        """Return whether Xero refused an archived contact."""
        return reasons.archived(complaints)

    def differing(self, item: ContactItem, remote: XeroContact) -> Sequence[Difference]:
        """Compare the fields that a push sends."""
        return differences(item.values, read_copy(remote).values, keys=item.sent_keys)

    def changed_since_copy(self, item: ContactItem, remote: XeroContact) -> Sequence[Difference]:
        """Compare all mapped fields with the copy."""
        return differences(read_copy(remote).values, item.copy.values)

    def with_remote(self, item: ContactItem, remote: XeroContact) -> ContactItem:
        """Return the item with its copy as it is now."""
        return replace(item, xero_id=remote.contact_id, copy=read_copy(remote))

    def explain(self, item: ContactItem, complaints: Sequence[str]) -> Refusal:
        """Return why Xero refused the contact."""
        return reasons.why(item.name, complaints)

    def explain_gone(self, state: LinkState) -> str:
        """Return what it means that the contact is gone."""
        return gone.REASONS[state]

    def columns_after(self, item: ContactItem, remote: XeroContact, *, now: datetime) -> dict[str, Any]:
        """Return the copy, and whether it differs."""
        copy = read_copy(remote)
        differs = bool(differences(item.values, copy.values, keys=item.sent_keys))
        return {"copy": copy.to_json(), "copied_at": now, "differs": differs, "differs_since_linked": False}

    def columns_changed(self, item: ContactItem, remote: XeroContact, *, now: datetime) -> dict[str, Any]:
        """Return the copy, which differs."""
        copy = read_copy(remote)
        since_linked = item.still_differs_since_linked(copy)
        return {"copy": copy.to_json(), "copied_at": now, "differs": True, "differs_since_linked": since_linked}

    def columns_gone(self, item: ContactItem, remote: XeroContact | None) -> dict[str, Any]:
        """Return the copy, where there is one."""
        if remote is None:
            return {}
        copy = read_copy(remote)
        return {"copy": copy.to_json(), "differs_since_linked": item.still_differs_since_linked(copy)}

    def replaced(self, item: ContactItem) -> Sequence[Difference]:
        """Compare the fields that a push sends with the copy."""
        return differences(item.values, item.copy.values, keys=item.sent_keys)

    def raw_of(self, remote: XeroContact) -> str:
        """Return the contact as Xero sent it."""
        return raw_json(remote)

    def record_sent(self, session: Session, connection: Connection, item: ContactItem, *, now: datetime) -> None:
        """Add the notes that the contact gets in Xero, where the business wants them and Xero had it before."""
        if connection.history_notes and item.sent_revision:
            add_notes(session, connection, item.contact_id, after=item.sent_revision, upto=item.revision, now=now)
