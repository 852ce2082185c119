"""What a save replaces in Xero: values that somebody changed there, or that were never ours."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.domain import columns
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, differences, sent_keys
from posxero.services import owed
from posxero.services.contacts import emptied_fields


def values_replaced(session: Session, contact: Contact, values: Mapping[str, str]) -> list[Difference]:
    """List what differs in Xero before a save and is replaced by it; nothing while an earlier save is on its way.

    Args:
        contact: As it is before the save.
        values: Every field by key, as the save leaves it.
    """
    link = emptied_fields.link_in_use(session, contact)
    if link is None or link.state.is_gone or not link.differs or owed.is_owed(link):
        return []
    theirs = XeroCopy.from_json(link.copy).values
    keys = sent_keys(tax_number_edited=contact.tax_number_edited)
    before = differences(columns.values_of(contact), theirs, keys=keys)
    return differences(values, theirs, keys=[one.key for one in before])
