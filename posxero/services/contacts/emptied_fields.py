"""Ask before a save empties what Xero holds: fields that were empty here when the two were linked."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity, ActivityPayload
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, sent_keys
from posxero.domain.enums import ActivityKind, ConnectionState
from posxero.domain.filling import emptied_in_xero


class EmptyFields(StrEnum):
    """What a person chose to do about fields that are empty here and filled in Xero."""

    ASK = ""
    FILL = "fill"  # from Xero
    CLEAR = "clear"  # in Xero


class WouldEmpty(Exception):
    """A push would empty fields in Xero that nobody emptied here; `fields` names them with Xero's values."""

    def __init__(self, fields: Sequence[Difference]) -> None:
        super().__init__(", ".join(one.key for one in fields))
        self.fields = tuple(fields)


def values_to_add(
    session: Session,
    contact: Contact,
    values: Mapping[str, str],
    choice: EmptyFields,
    *,
    emptied_now: Sequence[str] = (),
    link: Link | None = None,
) -> dict[str, str]:
    """Return Xero's values that go into empty fields before a push, by key; mostly none.

    Args:
        values: The contact's fields as they would be pushed.
        choice: What the person said about fields that the push would empty.
        emptied_now: The fields that the person just emptied.
        link: By which it is sent to the connected organisation, where that was loaded already.

    Raises:
        WouldEmpty: There are such fields, and the person has not chosen yet.
    """
    link = link or link_in_use(session, contact)
    fields = fields_emptied(session, contact, link, values, emptied_now) if link else []
    if not fields or choice is EmptyFields.CLEAR:
        return {}
    if choice is EmptyFields.ASK:
        raise WouldEmpty(fields)
    return {one.key: one.theirs for one in fields}


def link_in_use(session: Session, contact: Contact) -> Link | None:
    """Load the link by which a contact is sent to the connected organisation; None while Xero has no such contact."""
    return session.scalar(
        select(Link)
        .join(Connection, and_(Connection.business_id == Link.business_id, Connection.tenant_id == Link.tenant_id))
        .where(
            Link.business_id == contact.business_id,
            Link.contact_id == contact.id,
            Link.xero_id.is_not(None),
            Connection.state != ConnectionState.ENDED,
        )
    )


def fields_emptied(
    session: Session, contact: Contact, link: Link, values: Mapping[str, str], emptied_now: Sequence[str] = ()
) -> list[Difference]:
    """List the fields that a push would empty in Xero, and that nobody emptied here."""
    keys = sent_keys(tax_number_edited=contact.tax_number_edited)
    theirs = XeroCopy.from_json(link.copy).values
    fields = emptied_in_xero(values, theirs, keys=keys, emptied_here=emptied_now)
    if not fields:
        return []
    earlier = _emptied_before(session, contact.business_id, contact.id)
    return [one for one in fields if one.key not in earlier]


def _emptied_before(session: Session, business_id: UUID, contact_id: UUID) -> set[str]:
    """Find the fields that somebody emptied in an earlier save, which may be on its way to Xero."""
    query = (
        select(ActivityPayload.changes)
        .select_from(Activity)
        .join(Activity.payload)
        .where(
            Activity.business_id == business_id,
            Activity.contact_id == contact_id,
            Activity.kind.in_((ActivityKind.EDITED, ActivityKind.VERSION_RESTORED)),
        )
    )
    return {key for changes in session.scalars(query) for key, _, after in changes if not after}
