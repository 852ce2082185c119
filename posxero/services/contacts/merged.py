"""Contacts that were merged into others: hidden here, and no longer sent to Xero."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from posxero.db.contact import Contact, Link
from posxero.domain.enums import LinkState


@cache
def is_merged() -> ColumnElement[bool]:
    """Return the condition on a `Link` that its contact was merged into another: nothing is sent for it."""
    other = aliased(Contact)  # the outer statement may have the contact, too
    pair = (other.business_id == Link.business_id, other.id == Link.contact_id)
    # Not EXISTS: PostgreSQL joins it, and leaves the partial index of the links that are asked for.
    return select(other.merged_into).where(*pair).correlate(Link).scalar_subquery().is_not(None)


def names_of(session: Session, contact: Contact) -> dict[UUID, str]:
    """Return the contacts that were merged into one, names by id; asks nothing where there are none."""
    if not contact.merged_count:
        return {}
    of_contact = (Contact.business_id == contact.business_id, Contact.merged_into == contact.id)
    rows = session.execute(select(Contact.id, Contact.name).where(*of_contact).order_by(Contact.id))
    return {row.id: row.name for row in rows}


def unmerged_links(
    session: Session, business_id: UUID, tenant_id: UUID, contact_id: UUID | None = None
) -> Sequence[tuple[UUID, Link]]:
    """List the contacts of Xero whose customers were merged here, and that Xero has not merged yet.

    What is outstanding on them counts for the customer that survived, whose id comes first.

    Args:
        session: To read with.
        business_id: Whose.
        tenant_id: The organisation.
        contact_id: Of one survivor; of all where it is None.
    """
    query = (
        select(Contact.merged_into, Link)
        .join(Link, and_(Link.business_id == Contact.business_id, Link.contact_id == Contact.id))
        .where(
            Contact.business_id == business_id,
            Contact.merged_into.is_not(None) if contact_id is None else Contact.merged_into == contact_id,
            Link.tenant_id == tenant_id,
            Link.xero_id.is_not(None),
            Link.state != LinkState.MERGED,
        )
        .order_by(Contact.name, Link.id)
    )
    return [(survivor_id, link) for survivor_id, link in session.execute(query) if survivor_id]
