"""The buttons that cure a push: Try again, Try all failed again, Send ours to Xero.

Each commits, then hints.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.business import Business
from posxero.db.contact import Link
from posxero.db.engine import rows_changed, writing
from posxero.domain.enums import ActivityKind, LinkState
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.errors import NotFound
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status

RETRY_NOW: dict[str, Any] = {"state": LinkState.ACTIVE, "reason": "", "tries": 0, "next_try_at": None}


def try_again(session: Session, business_id: UUID, contact_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> None:
    """Push a contact once more, without waiting for its next try.

    A contact that was gone from Xero is looked at first: it may have been restored there.

    Raises:
        NotFound: There is no such contact, or it has no link.
    """
    with writing(session):
        contact = contacts.get(session, business_id, contact_id)
        link = badges.link_of(session, contact, load_connection_status(session, business_id), lock=True)
        if link is None:
            raise NotFound(contact_id)
        link.verify_due = link.verify_due or link.state.gone
        for column, value in (RETRY_NOW | {"owed_at": now, "owed_by_person": True}).items():
            setattr(link, column, value)
        activity.note(session, contact, ActivityKind.TRIED_AGAIN, by=by, now=now)
    jobs.push(business_id, awaited=True)


def try_all_again(session: Session, business_id: UUID, *, by: str, now: datetime, jobs: JobQueue) -> int:
    """Push everything once more that was not sent; tells how many contacts that are."""
    with writing(session):
        status = load_connection_status(session, business_id)
        freed = session.execute(
            update(Link)
            .where(Link.business_id == business_id, Link.tenant_id == status.tenant_id, Link.state == LinkState.PARKED)
            .values(RETRY_NOW | {"owed_at": now, "owed_by_person": False})
            .execution_options(synchronize_session=False)
        )
        count = rows_changed(freed)
        if count:
            note = f"All that weren't sent: {count}."
            session.add(Activity(business_id=business_id, at=now, kind=ActivityKind.TRIED_AGAIN, actor=by, note=note))
    if count:
        jobs.push(business_id)
    return count


def send_ours(
    session: Session,
    business: Business,
    contact_id: UUID,
    *,
    empty_fields: EmptyFields = EmptyFields.ASK,
    by: str,
    now: datetime,
    jobs: JobQueue,
) -> None:
    """Replace what Xero has with ours: the cure for *Changed in Xero* and *Differs from Xero*.

    Args:
        empty_fields: What to do about fields that are empty here and filled in Xero.

    Raises:
        NotFound: There is no such contact, or it has no link.
        WouldEmpty: It would empty what Xero holds, unasked. Nothing is owed.
    """
    with writing(session):
        contact = contacts.get(session, business.id, contact_id, lock=True)
        if badges.link_of(session, contact, load_connection_status(session, business.id)) is None:
            raise NotFound(contact_id)
        added = emptied_fields.values_to_add(session, contact, contacts.values_of(contact), empty_fields)
        filled = {key: ("", value) for key, value in added.items()}
        if filled:
            contacts.write(session, business, contact, filled, now, by=by)
        owed.owe(session, contact, now=now)
        kind = ActivityKind.SENT_OURS
        activity.note(session, contact, kind, by=by, now=now, changes=filled, revision=contact.revision)
    jobs.push(business.id, awaited=True)
