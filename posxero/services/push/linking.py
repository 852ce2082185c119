"""Link a contact to Xero by adding it there, take a link away, and undo one."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind, ConnectionState, LinkState
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import contacts
from posxero.services.errors import NotConnected, NotFound
from posxero.services.push.links import copies
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.services.xero_connection import connections

MATCH_FIRST: Final = (
    "Import from Xero first: whoever is already in {organisation} is found and linked. "
    "Otherwise this one could be added there a second time."
)


class CannotUndo(Exception):
    """The link cannot be undone any more; it can be unlinked."""


class CreationUnresolved(Exception):
    """Xero may just be adding the contact: without its link, a second one could be added there."""


def link_to_xero(
    session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime, jobs: JobQueue
) -> None:
    """Owe Xero a contact that it does not have yet; commits, then enqueues. One that is linked stays as it is.

    A sale's customer for whom Xero has several contacts is added as a new one: the person saw those.

    Raises:
        NotFound: There is no such contact in this business.
        NotConnected: There is no organisation to add it to, or its contacts were not matched with ours yet.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        status = load_connection_status(session, business_id)
        if status.connection is None or status.connection.state is ConnectionState.ENDED:
            raise NotConnected("Connect to Xero first, in Settings. Then link it.")
        link = badges.link_of(session, contact, status, lock=True)
        if link is not None:
            _stop_matching(link, now)
        elif connections.must_match_first(session, business_id, status.tenant_id):
            raise NotConnected(MATCH_FIRST.format(organisation=status.connection.name))
        else:
            _owe_creation(session, contact, status.connection, by=by, now=now)
    jobs.push(business_id, awaited=True)


def _stop_matching(link: Link, now: datetime) -> None:
    """Add a customer as a new contact who was parked because Xero has others like it; the caller commits."""
    if link.xero_id is None and link.match_first and link.state is LinkState.PARKED:
        link.match_first, link.state, link.reason, link.tries = False, LinkState.ACTIVE, "", 0
        link.next_try_at, link.owed_at, link.owed_by_person = None, now, True


def create_again(
    session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime, jobs: JobQueue
) -> None:
    """Owe Xero a contact that it no longer has, as a new one; commits, then enqueues. Any other link stays as it is.

    Raises:
        NotFound: There is no such contact in this business.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        status = load_connection_status(session, business_id)
        link = badges.link_of(session, contact, status, lock=True)
        if link is None or link.state is not LinkState.MISSING or status.connection is None:
            return
        recreate(session, contact, link, status.connection, by=by, now=now)
    jobs.push(business_id, awaited=True)


def recreate(
    session: Session,
    contact: Contact,
    link: Link,
    connection: Connection,
    *,
    by: str,
    now: datetime,
    is_awaited: bool = True,
) -> None:
    """Owe Xero a contact that it no longer has, as a new one; the caller holds both rows, and commits.

    Args:
        is_awaited: A person waits for it; else it is part of a backlog.
    """
    remove_link(session, contact, link, by=by, now=now, note="Xero no longer has it.")
    _owe_creation(session, contact, connection, by=by, now=now, is_awaited=is_awaited)


def _owe_creation(
    session: Session, contact: Contact, connection: Connection, *, by: str, now: datetime, is_awaited: bool = True
) -> None:
    """Add a link whose contact is to be created in Xero; the caller commits."""
    session.add(owed.link_to_create(contact, connection.tenant_id, by=by, now=now, is_awaited=is_awaited))
    note = f"It will be added to {connection.name}."
    activity.record(session, contact, ActivityKind.LINKED, by=by, now=now, revision=contact.revision, note=note)


def unlink(session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime) -> None:
    """Forget which contact of Xero this is; nothing changes in Xero. Commits.

    Raises:
        NotFound: There is no such contact, or it has no link.
        CreationUnresolved: Whether Xero has added it is not known yet. The link stays.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        link = badges.link_of(session, contact, load_connection_status(session, business_id), lock=True)
        if link is None:
            raise NotFound(contact_id)
        remove_link(session, contact, link, by=by, now=now)


def remove_link(session: Session, contact: Contact, link: Link, *, by: str, now: datetime, note: str = "") -> None:
    """Delete a link, and keep that in the contact's history; the caller commits.

    Raises:
        CreationUnresolved: Whether Xero has added it is not known yet.
    """
    if is_creation_unresolved(link):
        raise CreationUnresolved
    copies.keep_unlinked(session, link, now=now)
    session.delete(link)
    session.flush()
    activity.record(session, contact, ActivityKind.UNLINKED, by=by, now=now, note=note)


def is_creation_unresolved(link: Link) -> bool:
    """Return whether a request that adds the contact to Xero may be on its way, or was not answered."""
    return link.xero_id is None and bool(link.creation_key or link.unconfirmed or link.lease_token)


def may_undo(link: Link) -> bool:
    """Return whether a link of a contact that was here before can be undone: nothing was sent to Xero since."""
    is_untouched = link.sent_at is None and link.lease_token is None and not link.unconfirmed
    return link.filled is not None and is_untouched


def undo_link(session: Session, business: Business, contact_id: UUID, *, by: str, now: datetime) -> None:
    """Take a link back, with what linking filled in and nobody changed since; nothing changes in Xero. Commits.

    Raises:
        NotFound: There is no such contact, or it has no link.
        CannotUndo: Something was sent to Xero since, or the link was not made by matching.
    """
    with writing(session):
        contact = contacts.get(session, business.id, contact_id, lock=True)
        link = badges.link_of(session, contact, load_connection_status(session, business.id), lock=True)
        if link is None:
            raise NotFound(contact_id)
        if not may_undo(link):
            raise CannotUndo
        undo_loaded_link(session, business, contact, link, by=by, now=now)


def undo_loaded_link(
    session: Session, business: Business, contact: Contact, link: Link, *, by: str, now: datetime
) -> None:
    """Take a link back that `may_undo` allows, with what it filled in; the caller holds both rows, and commits."""
    filled = {key: value for key, value in (link.filled or {}).items() if getattr(contact, key) == value}
    emptied = {key: (value, "") for key, value in filled.items()}
    session.delete(link)
    if emptied:
        contacts.write(session, business, contact, emptied, now, by=by)
        owed.recheck_other_links(session, business.id, [contact.id], tenant_id=link.tenant_id, now=now)
    note = "The link was undone. Nothing had been sent to Xero."
    activity.record(session, contact, ActivityKind.UNLINKED, by=by, now=now, changes=emptied, note=note)
