"""Earlier versions of a contact, worked out from what was saved since."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity, ActivityPayload
from posxero.db.contact import Contact
from posxero.domain import diff
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import KEYS
from posxero.domain.normalise import clean
from posxero.services.contacts.conflicts import SAVES, Changes
from posxero.services.contacts.contacts import values_of
from posxero.services.errors import NotFound

FIRST: Final = (ActivityKind.ADDED, ActivityKind.IMPORTED)  # every field of a contact began with these
BATCH: Final = 500  # entries that are in memory at once


class DetailsErased(Exception):
    """What was saved since a version is no longer kept, so that the version is not known."""


def is_version(entry: Activity) -> bool:
    """Return whether an entry saved a version of its contact."""
    return entry.kind in FIRST or (entry.kind in SAVES and bool(entry.field_keys))


def get(session: Session, business_id: UUID, contact_id: UUID, entry_id: UUID) -> Activity:
    """Load the entry that saved a version of a contact.

    Raises:
        NotFound: There is no such entry of this contact, or it saved nothing.
    """
    entry = session.get(Activity, (business_id, entry_id))
    if entry is None or entry.contact_id != contact_id or not is_version(entry):
        raise NotFound(entry_id)
    return entry


def changes_to(session: Session, contact: Contact, entry: Activity) -> Changes:
    """Return what restoring a version would change: the value now and then, by the key of each field that differs.

    Raises:
        DetailsErased: Some of what was saved since is no longer kept.
    """
    now, then = values_of(contact), _values_before(session, contact, entry)
    tidy = clean(now | then)  # as a save will
    return diff.changes(now, {key: tidy[key] for key in then})


def _values_before(session: Session, contact: Contact, entry: Activity) -> dict[str, str]:
    """Return the values that later saves replaced first, by field key; the other fields are as they were."""
    later = (
        select(Activity.field_keys, ActivityPayload.changes)
        .select_from(Activity)
        .outerjoin(Activity.payload)
        .where(
            Activity.business_id == contact.business_id,
            Activity.contact_id == contact.id,
            Activity.id > entry.id,
            Activity.kind.in_(SAVES),
            Activity.field_keys != "",
        )
        .order_by(Activity.id)
        .execution_options(yield_per=BATCH)
    )
    values: dict[str, str] = {}
    for field_keys, changes in session.execute(later):
        if not changes and not set(field_keys.split()) <= values.keys():
            raise DetailsErased
        for key, before, _ in changes or ():
            values.setdefault(key, before)
    return {key: value for key, value in values.items() if key in KEYS}
