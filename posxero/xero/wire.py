"""Between Xero's JSON and our contacts: decode answers, read a copy, and write an element of a POST or PUT.

What PostgreSQL cannot store is made storable on reading: NUL and lone surrogates become U+FFFD. Everything else of a
contact is kept as it came: spaces, line ends, letters that turn the direction of text.

An update carries the whole of what Retail POS owns (all four phones, both addresses, empty ones as ""), what the lists
need to survive (AttentionTo), and nothing else: Xero keeps every element that is left out.
"""

import re
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from posxero.domain.copies import XeroCopy, values_equal
from posxero.domain.fields import MAPPED, MAPPED_KEYS, PHONES
from posxero.domain.xero_phones import PhoneParts, compose, parts_to_send
from posxero.xero.errors import Unavailable
from posxero.xero.shapes import (
    Address,
    Contact,
    Contacts,
    Notice,
    Organisation,
    Organisations,
    Pagination,
    Phone,
    Problem,
    Tenant,
    TokenError,
    TokenResponse,
    parse_xero_date,
)

__all__ = [
    "Address",
    "Contact",
    "Contacts",
    "Notice",
    "Organisation",
    "Organisations",
    "Pagination",
    "Phone",
    "Problem",
    "Tenant",
    "TokenError",
    "TokenResponse",
    "creation_of",
    "decode",
    "read_copy",
    "update_of",
]

T = TypeVar("T")

NUL: Final = rb"\u0000"
UNSTORABLE = re.compile(
    rb"(?P<escape>\\[^u])"  # a backslash that is itself escaped begins no character
    rb"|(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<bad>\\u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))"
)


def _attributes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the attribute of a struct by the name that Xero has for it."""
    return dict(zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True))


def _of(prefix: str) -> list[tuple[str, str]]:
    """List (our key, Xero's name) of the mapped fields under a path like ``Addresses.STREET``."""
    paths = [(field.key, (field.xero or "").rpartition(".")) for field in MAPPED]
    return [(key, name) for key, (parent, _, name) in paths if parent == prefix]


CONTACT, ADDRESS = _attributes(Contact), _attributes(Address)
SCALARS: Final = _of("")
ADDRESSES: Final = {kind: _of(f"Addresses.{kind}") for kind in ("STREET", "POBOX")}
READ_SCALARS: Final = attrgetter(*(CONTACT[name] for _, name in SCALARS))
READ_ADDRESS: Final = attrgetter(*(ADDRESS[name] for _, name in ADDRESSES["STREET"]))
SCALAR_KEYS: Final = [key for key, _ in SCALARS]
ADDRESS_KEYS: Final = {kind: [key for key, _ in names] for kind, names in ADDRESSES.items()}
NO_PHONE: Final = PhoneParts("", "", "")
EMPTY: Final = dict.fromkeys(MAPPED_KEYS, "")


def decode(body: bytes, shape: type[T]) -> T:
    """Read an answer of Xero.

    Raises:
        Unavailable: It is not JSON of this shape, even with the broken halves of surrogate pairs replaced.
    """
    if NUL in body:
        body = _storable(body)
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = _storable(body)
    try:
        return msgspec.json.decode(body.decode(errors="replace"), type=shape)
    except msgspec.DecodeError as error:
        raise Unavailable(f"Xero's answer could not be read: {error}") from error


def read_copy(contact: Contact) -> XeroCopy:
    """Read what a link keeps of a Xero contact."""
    values = EMPTY | _said(SCALAR_KEYS, READ_SCALARS(contact))
    attention: dict[str, str] = {}
    for address in contact.addresses or ():
        if keys := ADDRESS_KEYS.get(address.address_type or ""):
            values |= _said(keys, READ_ADDRESS(address))
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


def update_of(xero_id: UUID, values: Mapping[str, str], copy: XeroCopy, *, tax_number_edited: bool) -> dict[str, Any]:
    """Write the element that makes a Xero contact equal to ours.

    Args:
        xero_id: The contact of Xero.
        values: Ours, by field key.
        copy: What Xero last showed. What is equal is sent back as it came: its spaces, its split of phone numbers;
            AttentionTo always.
        tax_number_edited: Send the tax number; one that was only imported may be masked (US).
    """
    element: dict[str, Any] = {"ContactID": str(xero_id)}
    for key, name in SCALARS:
        if key != "tax_number" or tax_number_edited:
            element[name] = _to_send(key, values, copy)
    element["Phones"] = [
        _phone(kind, parts_to_send(values.get(key, ""), copy.phones.get(kind, NO_PHONE)))
        for kind, key in PHONES.items()
    ]
    element["Addresses"] = [
        {"AddressType": kind}
        | {name: _to_send(key, values, copy) for key, name in names}
        | {"AttentionTo": copy.attention.get(kind, "")}
        for kind, names in ADDRESSES.items()
    ]
    return element


def creation_of(contact_id: UUID, values: Mapping[str, str]) -> dict[str, Any]:
    """Write the element that creates our contact in Xero. By its ContactNumber, our id, we find it again."""
    element = update_of(contact_id, values, XeroCopy(), tax_number_edited=bool(values.get("tax_number")))
    del element["ContactID"]
    return {"ContactNumber": str(contact_id)} | element


def _to_send(key: str, values: Mapping[str, str], copy: XeroCopy) -> str:
    ours, theirs = values.get(key, ""), copy.values.get(key, "")
    return theirs if values_equal(ours, theirs) else ours


def _said(keys: Iterable[str], found: Iterable[str | None]) -> dict[str, str]:
    return {key: value or "" for key, value in zip(keys, found, strict=True)}


def _storable(body: bytes) -> bytes:
    return UNSTORABLE.sub(lambda found: rb"\ufffd" if found["bad"] else found[0], body)


def _phone(kind: str, parts: PhoneParts) -> dict[str, str]:
    return {
        "PhoneType": kind,
        "PhoneNumber": parts.number,
        "PhoneAreaCode": parts.area,
        "PhoneCountryCode": parts.country,
    }
