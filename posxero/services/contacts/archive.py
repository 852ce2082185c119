"""Archiving is ours alone: it hides a contact here and changes nothing in Xero."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from posxero.services.contacts import contacts


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
