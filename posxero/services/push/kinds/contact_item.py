"""A linked contact as it was read for a push."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from posxero.db.contact import Contact, Link
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.fields import MAPPED_KEYS
from posxero.services.push.items import PushItem, push_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactItem(PushItem):
    """A linked contact. `copy` is what Xero last showed of it."""

    copy: XeroCopy
    differs_since_linked: bool
    tax_number_edited: bool
    sent_revision: int

    @property
    def sent_keys(self) -> Sequence[str]:
        """The fields that a push sends."""
        return sent_keys(tax_number_edited=self.tax_number_edited)

    @property
    def sent_values(self) -> dict[str, str]:
        """What a push sends, by field key, without empty values."""
        return {key: self.values[key] for key in self.sent_keys if self.values.get(key)}

    def still_differs_since_linked(self, copy: XeroCopy) -> bool:
        """Return whether a difference is still the one of the linking: Xero shows no other values than before."""
        return self.differs_since_linked and not differences(copy.values, self.copy.values, keys=self.sent_keys)


def item_of(link: Link, contact: Contact, now: datetime) -> ContactItem:
    """Return the item of a link, as both rows are now."""
    values = {key: getattr(contact, key) for key in MAPPED_KEYS}
    return ContactItem(
        **push_columns(link, now),
        contact_id=contact.id,
        name=values["name"],
        revision=contact.revision,
        values=values,
        copy=XeroCopy.from_json(link.copy),
        differs_since_linked=link.differs_since_linked,
        tax_number_edited=contact.tax_number_edited,
        sent_revision=link.sent_revision,
        added_at=contact.created_at,
        match_first=link.match_first,
    )
