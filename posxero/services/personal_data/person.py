"""What a contact is known by: its contacts of Xero, and every value that identifies it, now and earlier."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity, ActivityPayload
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.db.xero_lookup import UnlinkedCopy
from posxero.domain.columns import values_of
from posxero.domain.fields import PHONES

# What says who somebody is in any text; a first name or a code may be another's.
UNIQUE: Final = frozenset({"name", "email", *PHONES.values()})
# What does so in a text that is about the person. A city or a postcode does not.
IDENTIFYING: Final = UNIQUE | {
    "first_name",
    "last_name",
    "street_line1",
    "postal_line1",
    "company_number",
    "tax_number",
}


class XeroKey(NamedTuple):
    """One contact of one organisation."""

    tenant_id: UUID
    xero_id: UUID


class Person(NamedTuple):
    """A contact, what it is in Xero, and the values that identify it: [field key, value]."""

    contact: Contact
    xero_keys: frozenset[XeroKey]
    identity: frozenset[tuple[str, str]]

    @property
    def values(self) -> set[str]:
        """What identifies it in a text that is about it."""
        return {value for _, value in self.identity}

    @property
    def unique_values(self) -> set[str]:
        """What identifies it in any text."""
        return {value for key, value in self.identity if key in UNIQUE}

    @property
    def xero_ids(self) -> list[UUID]:
        """The ids in Xero, of whatever organisation."""
        return sorted({key.xero_id for key in self.xero_keys})


def load_merged(session: Session, contact: Contact, *, lock: bool = False) -> Sequence[Contact]:
    """Load the contacts that were merged into this one: they are the same person. Those that were erased are not."""
    merged = (Contact.business_id == contact.business_id, Contact.merged_into == contact.id)
    query = select(Contact).where(*merged, Contact.erased_at.is_(None)).order_by(Contact.id)
    return session.scalars(query.with_for_update() if lock else query).all()


def load_person(session: Session, contact: Contact) -> Person:
    """Collect what a contact is known by."""
    business_id, contact_id = contact.business_id, contact.id
    links = session.scalars(select(Link).where(Link.business_id == business_id, Link.contact_id == contact_id)).all()
    unlinked = session.scalars(
        select(UnlinkedCopy).where(UnlinkedCopy.business_id == business_id, UnlinkedCopy.contact_id == contact_id)
    ).all()
    keys = {XeroKey(link.tenant_id, link.xero_id) for link in links if link.xero_id}
    keys |= {XeroKey(copy.tenant_id, copy.xero_id) for copy in unlinked}
    staged = select(Import.tenant_id, ImportRow.xero_id).join(
        ImportRow, (ImportRow.business_id == Import.business_id) & (ImportRow.import_id == Import.id)
    )
    mine = or_(ImportRow.contact_id == contact_id, ImportRow.ours == contact_id)
    settled = (ImportRow.business_id == business_id, mine, ImportRow.outcome.is_not(None), Import.file_id.is_(None))
    keys |= {XeroKey(tenant_id, xero_id) for tenant_id, xero_id in session.execute(staged.where(*settled))}
    identity = {*_identifying(values_of(contact)), *_earlier(session, contact)}
    for copy in (*(link.copy for link in links), *(one.copy for one in unlinked)):
        identity.update(_identifying(copy.get("values") or {}))
    return Person(contact, frozenset(keys), frozenset(identity))


def _identifying(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if key in IDENTIFYING and value:
            yield key, str(value)


def _earlier(session: Session, contact: Contact) -> Iterator[tuple[str, str]]:
    """Yield what saves replaced, and what Xero had."""
    entries = (
        select(ActivityPayload.changes)
        .join(Activity, (Activity.business_id == ActivityPayload.business_id) & (Activity.id == ActivityPayload.id))
        .where(Activity.business_id == contact.business_id, Activity.contact_id == contact.id)
        .execution_options(yield_per=500)
    )
    for changes in session.scalars(entries):
        for key, before, after in changes:
            yield from _identifying({key: before})
            yield from _identifying({key: after})
