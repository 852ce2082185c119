"""Contacts whose name is nearly that of a new one, and contacts of Xero that nobody brought in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.import_ import ImportRow
from posxero.domain import phone_numbers
from posxero.domain.folding import email_key, fold, name_key
from posxero.domain.near_names import are_near, near_key
from posxero.services.contacts.duplicates.known import FOUND_MAX, NOTHING, PHONES, PossibleDuplicate
from posxero.services.contacts.duplicates.not_imported import PersonKeys, select_not_imported
from posxero.services.xero_connection import connections

SAME, SIMILAR = "name", "similar name"  # what `PossibleDuplicate.same` says of a name
READ_MAX: Final = 20  # contacts whose names sound alike; of a name that more have, the first ones


@dataclass(frozen=True, slots=True)
class ContactOfXero:
    """A contact that the last import read in Xero and that no customer is linked to."""

    xero_id: UUID
    name: str


def find(session: Session, business: Business, values: Mapping[str, str]) -> list[PossibleDuplicate]:
    """Find contacts whose name is nearly the same, unless both are known to be in different towns.

    Args:
        session: To read with.
        business: Whose contacts.
        values: As typed, by key; of these the name and the town of the street address count.
    """
    name, city = name_key(values.get("name", "")), fold(values.get("street_city", ""))
    if not name:
        return []
    shown = (Contact.id, Contact.name, Contact.is_customer, Contact.is_supplier, Contact.archived_at)
    alike = (Contact.business_id == business.id, Contact.near_key > NOTHING, Contact.near_key == near_key(name))
    query = select(*shown, Contact.name_key, Contact.street_city).where(*alike).limit(READ_MAX)
    found = [
        row
        for row in session.execute(query.order_by(Contact.id))
        if are_near(name, row.name_key) and ("" in {city, fold(row.street_city)} or city == fold(row.street_city))
    ]
    found.sort(key=lambda row: row.name_key != name)
    return [_known(row, SAME if row.name_key == name else SIMILAR) for row in found[:FOUND_MAX]]


def _known(row: Any, same: str) -> PossibleDuplicate:
    archived = row.archived_at is not None
    return PossibleDuplicate(row.id, row.name, (same,), row.is_customer, row.is_supplier, archived)


def find_in_xero(session: Session, business: Business, values: Mapping[str, str]) -> list[ContactOfXero]:
    """Find contacts of the connected organisation that its newest import did not bring in and nobody is linked to."""
    connection = connections.current(session, business.id)
    if connection is None:
        return []
    phones = {phone for key in PHONES if (phone := phone_numbers.key(values.get(key, ""), business.country))}
    keys = PersonKeys(name_key(values.get("name", "")), email_key(values.get("email", "")), phones)
    linked = exists().where(Link.business_id == ImportRow.business_id, Link.xero_id == ImportRow.xero_id)
    found = select_not_imported(business.id, connection.tenant_id, keys, limit=FOUND_MAX).where(~linked)
    return [ContactOfXero(xero_id, name) for xero_id, name, _ in session.execute(found)]
