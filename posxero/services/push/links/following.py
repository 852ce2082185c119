"""Link a customer to the contact that its own was merged into in Xero."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.lease import RELEASED_LEASE
from posxero.domain import gone
from posxero.domain.enums import ActivityKind, LinkState
from posxero.queue import JobQueue
from posxero.services import activity
from posxero.services.contacts import contacts
from posxero.services.drift.invoices import balances
from posxero.services.push.items import NO_CREATION
from posxero.services.push.links.joining import customer_of, fill, is_different
from posxero.services.push.links.merges import Survivor, SurvivorState
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status


class SurvivorUnknown(Exception):
    """Xero was not asked yet into which contact it was merged, or no longer has that one."""


class SurvivorTaken(Exception):
    """The contact that survived is linked to another customer, `other`."""

    def __init__(self, other: Contact, survivor: Survivor) -> None:
        super().__init__(other.name)
        self.other = other
        self.survivor = survivor


def follow(session: Session, business: Business, contact_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> str:
    """Link a customer to the contact that survived the merge; commits, then enqueues a push of what is owed.

    Returns:
        The name of that contact in Xero.

    Raises:
        NotFound: There is no such customer in this business.
        SurvivorUnknown: There is nothing to follow.
        SurvivorTaken: Another customer is linked to that contact. Nothing changes.
    """
    try:
        with writing(session):
            contact = contacts.get(session, business.id, contact_id, lock=True)
            link = badges.link_of(session, contact, load_connection_status(session, business.id), lock=True)
            survivor = follow_link(session, business, contact, link, by=by, now=now)
    except IntegrityError:  # another customer was linked to it a moment earlier
        raise SurvivorUnknown from None
    jobs.push(business.id, awaited=True)
    return survivor.name


def follow_link(
    session: Session, business: Business, contact: Contact, link: Link | None, *, by: str, now: datetime
) -> Survivor:
    """Let a link point to the contact that survived; the caller commits.

    Raises:
        SurvivorUnknown, SurvivorTaken: As `survivor_of`.
    """
    if link is None:
        raise SurvivorUnknown
    survivor = survivor_of(session, link)
    _take_from_merged(session, link, survivor, by=by, now=now)
    filled = fill(session, business, contact, survivor.copy, tenant_id=link.tenant_id, by=by, now=now)
    for column, value in _columns(contact, survivor, now).items():
        setattr(link, column, value)
    balances.mark_due(session, business.id, link.tenant_id, {survivor.xero_id}, now=now)
    note = f"Its contact was merged in Xero. Now linked to {survivor.name} there."
    changes = {key: ("", value) for key, value in filled.items()}
    activity.record(session, contact, ActivityKind.LINKED, by=by, now=now, changes=changes, note=note)
    session.flush()
    return survivor


def follow_merged_here(session: Session, connection: Connection, *, now: datetime) -> None:
    """Follow merges in Xero of customers that were merged here in the opposite direction. Commits.

    Of the two contacts of Xero the one of the customer that is hidden here survived: nobody need be asked.
    """
    pair = (Contact.business_id == Link.business_id) & (Contact.id == Link.contact_id)
    query = (
        select(Contact.id)
        .join(Link, pair)
        .where(
            Link.business_id == connection.business_id,
            Link.tenant_id == connection.tenant_id,
            literal_column("link.state <> 'active'", Boolean),  # a literal: else no partial index is used
            Link.state == LinkState.MERGED,
            Link.survivor.is_not(None),
            Contact.merged_count > 0,
            Contact.merged_into.is_(None),
        )
    )
    found = session.scalars(query).all()
    session.commit()
    for contact_id in found:
        with writing(session):
            contact = contacts.get(session, connection.business_id, contact_id, lock=True)
            link = badges.link_to(session, contact, connection.tenant_id, lock=True)
            business = session.get_one(Business, connection.business_id)
            if link is not None and _belongs_to_merged(session, link):
                follow_link(session, business, contact, link, by="", now=now)


def _belongs_to_merged(session: Session, link: Link) -> bool:
    """Return whether the contact that a link is to follow is that of a customer merged into this one."""
    survivor = Survivor.of(link)
    if survivor is None or not survivor.may_be_followed:
        return False
    other = customer_of(session, link.business_id, link.tenant_id, survivor.xero_id)
    return other is not None and other.merged_into == link.contact_id


def _take_from_merged(session: Session, link: Link, survivor: Survivor, *, by: str, now: datetime) -> None:
    """Take the link of a customer away that was merged into this one here: the contact is this one's now."""
    if not _belongs_to_merged(session, link):
        return
    resting = session.scalars(
        select(Link).where(
            Link.business_id == link.business_id, Link.tenant_id == link.tenant_id, Link.xero_id == survivor.xero_id
        )
    ).one()
    merged = session.get_one(Contact, (resting.business_id, resting.contact_id))
    session.delete(resting)
    session.flush()
    note = f"Its contact, {survivor.name}, survived a merge in Xero. The customer that this one was merged into has it."
    activity.record(session, merged, ActivityKind.UNLINKED, by=by, now=now, note=note)


def survivor_of(session: Session, link: Link | None) -> Survivor:
    """Return the contact that a link is to follow.

    Raises:
        SurvivorUnknown: There is nothing to follow.
        SurvivorTaken: Another customer is linked to that contact.
    """
    survivor = Survivor.of(link) if link is not None else None
    if link is None or survivor is None or not survivor.may_be_followed:
        raise SurvivorUnknown
    other = customer_of(session, link.business_id, link.tenant_id, survivor.xero_id)
    if other is not None and other.merged_into != link.contact_id:
        raise SurvivorTaken(other, survivor)
    return survivor


def _columns(contact: Contact, survivor: Survivor, now: datetime) -> dict[str, Any]:
    """Return the columns of a link to the survivor: nothing that was unknown about the other contact counts."""
    archived = survivor.state is SurvivorState.ARCHIVED
    differs = is_different(contact, survivor.copy)
    return {
        **RELEASED_LEASE,
        **NO_CREATION,
        "xero_id": survivor.xero_id,
        "copy": survivor.copy.to_json(),
        "copied_at": now,
        "outstanding": None,  # that of the other contact; that of the survivor is read soon
        "overdue": None,
        "balance_at": None,
        "survivor": None,
        "filled": None,
        "differs": differs,
        "differs_since_linked": differs,
        "state": LinkState.ARCHIVED if archived else LinkState.ACTIVE,
        "reason": gone.REASONS[LinkState.ARCHIVED] if archived else "",
        "tries": 0,
        "next_try_at": None,
        "in_flight": None,
        "unconfirmed": [],
        "verify_due": False,
        "verify_again_at": now,  # the copy may be old: a worker reads it again
    }
