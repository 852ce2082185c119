"""Archiving is ours alone: it hides a contact here and changes nothing in Xero."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain.chunks import chunks
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from posxero.services.contacts import contacts

UNDO_BATCH: Final = 500  # contacts of one transaction


def archive(session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime) -> Contact:
    """Hide a contact from the lists; its debts to Xero are still sent. Commits.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        if contact.archived_at is None:
            contact.archived_at = now
            activity.record(session, contact, ActivityKind.ARCHIVED, by=by, now=now)
    return contact


def restore(session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime) -> Contact:
    """Show an archived contact again. Commits.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id, lock=True)
        if contact.archived_at is not None:
            contact.archived_at = None
            activity.record(session, contact, ActivityKind.RESTORED, by=by, now=now)
    return contact


def archive_many(session: Session, business_id: UUID, ids: Sequence[UUID], *, by: str, now: datetime) -> int:
    """Hide contacts from the lists; the caller commits. Returns how many were not hidden before."""
    return _set_many(session, business_id, ids, ActivityKind.ARCHIVED, by=by, now=now)


def restore_many(session: Session, business_id: UUID, ids: Sequence[UUID], *, by: str, now: datetime) -> int:
    """Show archived contacts again; the caller commits. Returns how many were archived."""
    return _set_many(session, business_id, ids, ActivityKind.RESTORED, by=by, now=now)


def undo(session: Session, business_id: UUID, kind: ActivityKind, at: datetime, *, by: str, now: datetime) -> int:
    """Take back what somebody archived or restored at a time, in steps that each commit.

    Args:
        kind: ARCHIVED or RESTORED, which is taken back.
        at: When that was done, to the microsecond.
        by: Who did it, and takes it back.

    Returns:
        How many contacts it was taken back for; those that were changed back since are left alone.
    """
    done = (Activity.business_id == business_id, Activity.at == at, Activity.kind == kind, Activity.actor == by)
    ids = session.scalars(select(Activity.contact_id).where(*done).order_by(Activity.id)).all()
    session.commit()
    back = ActivityKind.RESTORED if kind is ActivityKind.ARCHIVED else ActivityKind.ARCHIVED
    count = 0
    for chunk in chunks(ids, UNDO_BATCH):
        step = [contact_id for contact_id in chunk if contact_id]
        with writing(session):
            count += _set_many(session, business_id, step, back, by=by, now=now)
    return count


def _set_many(
    session: Session, business_id: UUID, ids: Sequence[UUID], kind: ActivityKind, *, by: str, now: datetime
) -> int:
    is_archived = kind is ActivityKind.ARCHIVED
    other = Contact.archived_at.is_(None) if is_archived else Contact.archived_at.is_not(None)
    there = (Contact.business_id == business_id, Contact.id.in_(ids), Contact.erased_at.is_(None))
    query = select(Contact.id).where(*there, other)
    found = session.scalars(query.order_by(Contact.id).with_for_update()).all()
    if found:
        session.execute(
            update(Contact)
            .where(Contact.business_id == business_id, Contact.id.in_(found))
            .values(archived_at=now if is_archived else None)
            .execution_options(synchronize_session=False)
        )
        entry = {"business_id": business_id, "at": now, "kind": kind, "actor": by, "changes": []}
        activity.record_many(session, [{**entry, "contact_id": contact_id} for contact_id in found])
        session.expire_all()
    return len(found)
