"""Read what a link keeps of a Xero contact."""

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Final

import msgspec

from posxero.domain.copies import XeroCopy
from posxero.domain.fields import MAPPED_KEYS, PHONES
from posxero.domain.money import ZERO, to_cents
from posxero.domain.xero_phones import PhoneParts, compose
from posxero.xero.contact_paths import ADDRESSES, SCALARS
from posxero.xero.shapes import Address, Contact, parse_xero_date


def _attributes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the attributes of a struct by Xero's name for each."""
    return dict(zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True))


# Drawn up once: an import reads contacts by the hundred thousand.
SCALAR_KEYS: Final = [key for key, _ in SCALARS]
ADDRESS_KEYS: Final = {address_type: [key for key, _ in fields] for address_type, fields in ADDRESSES.items()}
READ_SCALARS: Final = attrgetter(*(_attributes(Contact)[name] for _, name in SCALARS))
READ_ADDRESS: Final = attrgetter(*(_attributes(Address)[name] for _, name in ADDRESSES["STREET"]))
NO_PHONE: Final = PhoneParts()
MAX_BALANCE: Final = Decimal(10) ** 15  # more does not fit the column
EMPTY_VALUES: Final = dict.fromkeys(MAPPED_KEYS, "")


def balance_of(contact: Contact) -> dict[str, Decimal | None]:
    """Return what a contact owes in Xero, and how much of it is overdue, by the columns that keep it.

    Xero leaves Balances out of a page where nothing was ever owed. An amount that no column holds is None.
    """
    receivable = contact.balances.accounts_receivable if contact.balances else None
    if receivable is None:
        return {"outstanding": ZERO, "overdue": ZERO}
    return {"outstanding": _cents(receivable.outstanding), "overdue": _cents(receivable.overdue)}


def _cents(amount: Decimal | None) -> Decimal | None:
    found = amount or ZERO
    return to_cents(found) if abs(found) < MAX_BALANCE else None


def read_copy(contact: Contact) -> XeroCopy:
    """Return the copy of a Xero contact; what Xero left out is ""."""
    values = EMPTY_VALUES | _texts(SCALAR_KEYS, READ_SCALARS(contact))
    attention: dict[str, str] = {}
    for address in contact.addresses or ():
        if keys := ADDRESS_KEYS.get(address.address_type or ""):
            values |= _texts(keys, READ_ADDRESS(address))
            if address.attention_to:
                attention[address.address_type or ""] = address.attention_to
    phones = dict.fromkeys(PHONES, NO_PHONE)
    for phone in contact.phones or ():
        parts = PhoneParts(phone.phone_country_code or "", phone.phone_area_code or "", phone.phone_number or "")
        if phone.phone_type in PHONES and any(parts):
            phones[phone.phone_type] = parts
            values[PHONES[phone.phone_type]] = compose(parts)
    return XeroCopy(
        values=values,
        phones=phones,
        attention=attention,
        is_customer=bool(contact.is_customer),
        is_supplier=bool(contact.is_supplier),
        status=contact.contact_status or "ACTIVE",
        updated_at=parse_xero_date(contact.updated),
        merged_to=contact.merged_to_contact_id or "",
    )


def _texts(keys: Iterable[str], values: Iterable[str | None]) -> dict[str, str]:
    return {key: value or "" for key, value in zip(keys, values, strict=True)}
