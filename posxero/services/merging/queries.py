"""Find what was merged into a customer, and what its page says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.merge import ContactMerge
from posxero.db.sale import Sale
from posxero.domain.enums import LinkState
from posxero.services.errors import NotFound
from posxero.services.merging import moving
from posxero.services.merging.undo import describe_sent, may_be_undone

LISTED_MAX = 10  # merges on the page of a customer, the newest first


@dataclass(frozen=True, slots=True)
class MergedCustomer:
    """A customer that was merged into another one.

    `xero_id` is its contact of Xero while that still stands beside the survivor's there.
    """

    merge: ContactMerge
    name: str
    xero_id: UUID | None
    may_be_undone: bool


class UndoableMerge(NamedTuple):
    """A merge with the name of the customer that comes back, and what stays with the survivor in Xero, in words."""

    merge: ContactMerge
    name: str
    stays: str


def merged_into(session: Session, contact: Contact, tenant_id: UUID, now: datetime) -> Sequence[MergedCustomer]:
    """List what was merged into a customer and not undone; asks nothing where that is nothing."""
    if not contact.merged_count:
        return ()
    pair = and_(Contact.business_id == ContactMerge.business_id, Contact.id == ContactMerge.loser_id)
    apart = and_(
        Link.business_id == Contact.business_id,
        Link.contact_id == Contact.id,
        Link.tenant_id == tenant_id,
        Link.state != LinkState.MERGED,
    )
    query = (
        select(ContactMerge, Contact.name, Link.xero_id)
        .join(Contact, pair)
        .outerjoin(Link, apart)
        .where(
            ContactMerge.business_id == contact.business_id,
            ContactMerge.survivor_id == contact.id,
            ContactMerge.undone_at.is_(None),
        )
        .order_by(ContactMerge.id.desc())
        .limit(LISTED_MAX)
    )
    return [
        MergedCustomer(merge, name, xero_id, may_be_undone(merge, now))
        for merge, name, xero_id in session.execute(query)
    ]


def load_undoable(session: Session, contact: Contact, merge_id: UUID, now: datetime) -> UndoableMerge:
    """Load what a person reads before a merge into a customer is undone.

    Raises:
        NotFound: There is no such merge into this customer, or no time left to undo it.
    """
    pair = and_(Contact.business_id == ContactMerge.business_id, Contact.id == ContactMerge.loser_id)
    query = select(ContactMerge, Contact.name).join(Contact, pair)
    ours = (ContactMerge.business_id == contact.business_id, ContactMerge.survivor_id == contact.id)
    row = session.execute(query.where(*ours, ContactMerge.id == merge_id)).one_or_none()
    if row is None or not may_be_undone(row.ContactMerge, now):
        raise NotFound(merge_id)
    stays = describe_sent(moving.sales_sent_since(session, row.ContactMerge), contact.name)
    return UndoableMerge(row.ContactMerge, row.name, stays)


def count_sales(session: Session, contact: Contact) -> int:
    """Count the sales of a customer, which a merge moves."""
    mine = (Sale.business_id == contact.business_id, Sale.contact_id == contact.id)
    return session.scalar(select(func.count()).where(*mine)) or 0


def are_both_in_xero(session: Session, survivor: Contact, loser: Contact, tenant_id: UUID) -> bool:
    """Return whether each of two customers has a contact of its own in Xero."""
    query = select(func.count()).where(
        Link.business_id == survivor.business_id,
        Link.tenant_id == tenant_id,
        Link.contact_id.in_((survivor.id, loser.id)),
        Link.xero_id.is_not(None),
        Link.state != LinkState.MERGED,
    )
    return session.scalar(query) == len((survivor, loser))
