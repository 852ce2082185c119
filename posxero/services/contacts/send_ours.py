"""Send ours to Xero: replace what Xero has, although nothing was changed here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.engine import writing
from posxero.domain.enums import ActivityKind
from posxero.queue import JobQueue
from posxero.services import activity, owed
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.errors import NotFound
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status


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
        owed.owe(session, contact, by=by, now=now)
        kind = ActivityKind.SENT_OURS
        activity.record(session, contact, kind, by=by, now=now, changes=filled, revision=contact.revision)
    jobs.push(business.id, awaited=True)
