"""What Xero is owed: state on the link, raised in the transaction that changes the contact."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, literal, not_, or_, select, update
from sqlalchemy.orm import Session

from posxero.db import push_state
from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.engine import rows_changed, writing
from posxero.domain.enums import LinkState

OWED: ColumnElement[bool] = push_state.is_owed(Link)


def is_owed(link: Link) -> bool:
    """Return whether Xero must hear of a link's contact, or be asked what it has."""
    return link.verify_due or link.sent_revision < link.owed_revision


def is_unsettled(session: Session, contact: Contact) -> bool:
    """Return whether any of a contact's links is owed already, or was refused."""
    unsettled = or_(OWED, Link.state == LinkState.PARKED)
    query = select(Link.id).where(Link.business_id == contact.business_id, Link.contact_id == contact.id, unsettled)
    return session.scalar(query.limit(1)) is not None


def owe(session: Session, contact: Contact, *, by: str = "", now: datetime) -> None:
    """Raise a contact's revision and the debt of its links, for which a person waits; the caller commits and enqueues.

    A push that was refused, or waits for its next try, may go at once: there is something new to say.

    Args:
        by: Whose change it is, by name.
    """
    parked = Link.state == LinkState.PARKED
    contact.revision += 1
    session.flush()
    session.execute(
        update(Link)
        .where(Link.business_id == contact.business_id, Link.contact_id == contact.id)
        .values(
            owed_revision=contact.revision,
            owed_at=now,
            owed_by_person=True,
            owed_by=by,
            state=case((parked, literal(LinkState.ACTIVE, Link.state.type)), else_=Link.state),
            reason=case((parked, ""), else_=Link.reason),
            tries=0,
            next_try_at=None,
        )
        .execution_options(synchronize_session=False)
    )


def link_to_create(
    contact: Contact, tenant_id: UUID, *, by: str, now: datetime, is_awaited: bool = True, match_first: bool = False
) -> Link:
    """Return a link whose contact Xero is owed as a new one; the caller adds it, and commits.

    Args:
        contact: Of the link.
        tenant_id: The organisation.
        by: Whose change it is, by name.
        now: When.
        is_awaited: A person waits for it; else it is part of a backlog.
        match_first: Contacts of Xero are searched for the same one before it is created.
    """
    return Link(
        business_id=contact.business_id,
        id=new_id(),
        contact_id=contact.id,
        tenant_id=tenant_id,
        copy={},
        owed_revision=contact.revision,
        owed_at=now,
        owed_by_person=is_awaited,
        owed_by=by,
        linked_at=now,
        match_first=match_first,
        state=LinkState.ACTIVE,
    )


def owe_backlog(pairs: Iterable[tuple[Contact, Link]], *, now: datetime) -> None:
    """Raise the revisions of contacts and the debts of their links, for which nobody waits; the caller commits.

    Args:
        pairs: Contacts with their links to the connected organisation, both locked.
        now: When.
    """
    for contact, link in pairs:
        contact.revision += 1
        link.owed_revision, link.owed_at, link.owed_by_person = contact.revision, now, False
        link.tries, link.next_try_at = 0, None
        if link.state is LinkState.PARKED:
            link.state, link.reason = LinkState.ACTIVE, ""


def recheck_other_links(
    session: Session, business_id: UUID, contact_ids: Iterable[UUID], *, tenant_id: UUID, now: datetime
) -> None:
    """Schedule the links to other organisations than `tenant_id` to be compared again; the caller commits.

    Their contacts were filled from that organisation, or emptied again, and nobody is owed that. What differs from
    now on was not changed in Xero.
    """
    session.execute(
        update(Link)
        .where(
            Link.business_id == business_id,
            Link.contact_id.in_(tuple(contact_ids)),
            Link.tenant_id != tenant_id,
            Link.verify_again_at.is_(None),
        )
        .values(verify_again_at=now, differs_since_linked=or_(Link.differs_since_linked, not_(Link.differs)))
        .execution_options(synchronize_session=False)
    )


def mark_refresh_due(session: Session, *, now: datetime) -> int:
    """Mark every link to be read in Xero before its next push; commits, and returns how many there are.

    This database was restored from a backup: what Xero has that it does not know is shown
    as a difference, and is not overwritten until a person saves the customer or sends it.
    """
    with writing(session):
        marked = session.execute(
            update(Link).values(refresh_due=True, verify_again_at=now).execution_options(synchronize_session=False)
        )
    return rows_changed(marked)
