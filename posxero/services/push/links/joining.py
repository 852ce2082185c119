"""Link a customer to a contact that Xero has: fields stay, empty ones are filled, and nothing is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.enums import ActivityKind, ConnectionState, LinkState
from posxero.domain.filling import values_to_fill
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import contacts
from posxero.services.drift.invoices import balances
from posxero.services.push.linking import CreationUnresolved, remove_link
from posxero.services.push.links.candidates import LinkCandidate, choice_for
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status

DETAILS_KEPT: Final = "Your details were kept."
FIELDS_FILLED: Final = "Your details were kept, and empty fields were filled in from Xero."


class LinkRefused(Exception):
    """The customer cannot be linked to that contact; the message says why, and what to do."""


def link_to_contact(
    session: Session, business: Business, contact_id: UUID, xero_id: UUID, *, by: str, now: datetime, jobs: JobQueue
) -> Contact:
    """Link a customer to a contact of Xero that was found; commits, then enqueues a new read of it.

    A link in trouble is replaced.

    Raises:
        NotFound: There is no such customer in this business.
        LinkRefused: It cannot be linked to that contact. Nothing changes.
    """
    try:
        with writing(session):
            contact = _link_to_contact(session, business, contact_id, xero_id, by=by, now=now)
    except IntegrityError:  # another customer was linked to it a moment earlier
        raise LinkRefused("That contact was just linked to somebody else here.") from None
    jobs.push(business.id, awaited=True)
    return contact


def _link_to_contact(
    session: Session, business: Business, contact_id: UUID, xero_id: UUID, *, by: str, now: datetime
) -> Contact:
    contact = contacts.get(session, business.id, contact_id, lock=True)
    status = load_connection_status(session, business.id)
    connection = status.connection
    if connection is None or connection.state is ConnectionState.ENDED:
        raise LinkRefused("Connect to Xero first, in Settings. Then link it.")
    earlier = badges.link_of(session, contact, status, lock=True)
    candidate = _candidate(session, business, contact, connection, xero_id, now)
    if earlier is not None:
        _replace(session, contact, earlier, by=by, now=now)
    filled = fill(session, business, contact, candidate.copy, tenant_id=connection.tenant_id, by=by, now=now)
    session.add(_link(contact, connection, candidate, filled, now))
    balances.mark_due(session, business.id, connection.tenant_id, {xero_id}, now=now)
    note = f"{candidate.name} in {connection.name}. {FIELDS_FILLED if filled else DETAILS_KEPT}"
    changes = {key: ("", value) for key, value in filled.items()}
    activity.record(session, contact, ActivityKind.LINKED, by=by, now=now, changes=changes, note=note)
    return contact


def fill(
    session: Session, business: Business, contact: Contact, copy: XeroCopy, *, tenant_id: UUID, by: str, now: datetime
) -> Mapping[str, str]:
    """Fill the empty fields of a customer from Xero's copy, as far as they fit; the caller commits.

    Returns:
        What was filled in, by key.
    """
    lengths = {key: cast("Any", Contact.__table__.c[key].type).length for key in copy.values}
    found = values_to_fill(contacts.values_of(contact), copy.values)
    filled = {key: value for key, value in found.items() if len(value) <= lengths[key]}
    if filled:
        contacts.write(session, business, contact, {key: ("", value) for key, value in filled.items()}, now, by=by)
        owed.recheck_other_links(session, business.id, [contact.id], tenant_id=tenant_id, now=now)
    return filled


def is_different(contact: Contact, copy: XeroCopy) -> bool:
    """Return whether Xero's copy has other values in a field that is sent."""
    keys = sent_keys(tax_number_edited=contact.tax_number_edited)
    return bool(differences(contacts.values_of(contact), copy.values, keys=keys))


def customer_of(session: Session, business_id: UUID, tenant_id: UUID, xero_id: UUID) -> Contact | None:
    """Return the customer that is linked to a contact of Xero; None when none is."""
    return session.scalar(
        select(Contact)
        .join(Link, and_(Link.business_id == Contact.business_id, Link.contact_id == Contact.id))
        .where(Link.business_id == business_id, Link.tenant_id == tenant_id, Link.xero_id == xero_id)
    )


def _candidate(
    session: Session, business: Business, contact: Contact, connection: Connection, xero_id: UUID, now: datetime
) -> LinkCandidate:
    choice = choice_for(session, business, contact, connection.tenant_id, now=now)
    found = next((one for one in choice.candidates if one.xero_id == xero_id), None)
    if found is None:
        raise LinkRefused("Search in Xero again, then choose the contact.")
    if found.linked is not None:
        raise LinkRefused(f"{found.name} in Xero is already linked to {found.linked.name}. Unlink that one first.")
    if found.status:
        raise LinkRefused(f"{found.name} is no longer in use in Xero ({found.status}). Choose another contact.")
    return found


def _replace(session: Session, contact: Contact, earlier: Link, *, by: str, now: datetime) -> None:
    if earlier.state is LinkState.ACTIVE:
        raise LinkRefused(f"{contact.name} is linked already. Unlink it first.")
    try:
        remove_link(session, contact, earlier, by=by, now=now)
    except CreationUnresolved:
        raise LinkRefused("Xero may be adding it right now. Press Try again first.") from None


def _link(
    contact: Contact, connection: Connection, candidate: LinkCandidate, filled: Mapping[str, str], now: datetime
) -> Link:
    differs = is_different(contact, candidate.copy)
    return Link(
        business_id=contact.business_id,
        id=new_id(),
        contact_id=contact.id,
        tenant_id=connection.tenant_id,
        xero_id=candidate.xero_id,
        copy=candidate.copy.to_json(),
        copied_at=now,
        differs=differs,
        differs_since_linked=differs,
        sent_revision=contact.revision,
        owed_revision=contact.revision,
        linked_at=now,
        filled=dict(filled),
        state=LinkState.ACTIVE,
        verify_again_at=now,  # the copy may be old: a worker reads it again, and sends nothing
    )
