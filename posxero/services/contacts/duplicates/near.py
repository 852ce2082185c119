"""Contacts whose name is nearly that of a new one, and contacts of Xero that nobody brought in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, exists, literal_column, or_, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.import_ import NOT_IMPORTED, Import, ImportRow
from posxero.domain import phone_numbers
from posxero.domain.folding import email_key, fold, name_key
from posxero.domain.near_names import are_near, near_key
from posxero.services.contacts.duplicates.known import FOUND_MAX, NOTHING, PHONES, PossibleDuplicate

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
    """Find contacts that the newest import read and did not bring in, by name, email or phone; linked ones are not."""
    name, email = name_key(values.get("name", "")), email_key(values.get("email", ""))
    phones = {phone for key in PHONES if (phone := phone_numbers.key(values.get(key, ""), business.country))}
    agrees = [
        condition
        for value, condition in (
            (name, ImportRow.name_key == name),
            (email, ImportRow.email_key == email),
            (phones, or_(ImportRow.phone_key.in_(phones), ImportRow.mobile_key.in_(phones))),
        )
        if value
    ]
    newest = select(Import.id).where(Import.business_id == business.id).order_by(Import.started_at.desc()).limit(1)
    linked = exists().where(Link.business_id == ImportRow.business_id, Link.xero_id == ImportRow.xero_id)
    if not agrees:
        return []
    rows = session.execute(
        select(ImportRow.xero_id, ImportRow.name)
        .where(
            ImportRow.business_id == business.id,
            ImportRow.import_id == newest.scalar_subquery(),
            literal_column(f"import_row.{NOT_IMPORTED}", Boolean),
            or_(*agrees),
            ~linked,
        )
        .order_by(ImportRow.name_key, ImportRow.xero_id)
        .limit(FOUND_MAX)
    )
    return [ContactOfXero(row.xero_id, row.name) for row in rows]
