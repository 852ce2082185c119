"""Write the element of a POST or PUT that makes a Xero contact equal to ours.

An update carries all that Retail POS owns (the four phones and both addresses, empty ones as ""), what the lists need
to survive (AttentionTo), and nothing else: Xero keeps every element that is left out.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from posxero.domain.copies import XeroCopy
from posxero.domain.fields import PHONES, SENT_IF_EDITED
from posxero.domain.text import values_equal
from posxero.domain.xero_phones import PhoneParts, parts_to_send
from posxero.xero.contact_paths import ADDRESSES, SCALARS


def update_of(xero_id: UUID, values: Mapping[str, str], copy: XeroCopy, *, tax_number_edited: bool) -> dict[str, Any]:
    """Return the element that makes a Xero contact equal to ours.

    Args:
        xero_id: The Xero contact.
        values: Ours, by field key.
        copy: What Xero last showed. What is equal is sent back as it came, with its spaces and its split of phone
            numbers; AttentionTo always.
        tax_number_edited: Send the tax number; one that was only imported may be masked (US).
    """
    element: dict[str, Any] = {"ContactID": str(xero_id)}
    for key, name in SCALARS:
        if key not in SENT_IF_EDITED or tax_number_edited:
            element[name] = _value_to_send(key, values, copy)
    element["Phones"] = [
        _phone(phone_type, parts_to_send(values.get(key, ""), copy.phones.get(phone_type, PhoneParts())))
        for phone_type, key in PHONES.items()
    ]
    element["Addresses"] = [
        {"AddressType": address_type}
        | {name: _value_to_send(key, values, copy) for key, name in fields}
        | {"AttentionTo": copy.attention.get(address_type, "")}
        for address_type, fields in ADDRESSES.items()
    ]
    return element


def creation_of(contact_id: UUID, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the element that creates our contact in Xero; its ContactNumber is our id, by which it is found again."""
    element = update_of(contact_id, values, XeroCopy(), tax_number_edited=any(map(values.get, SENT_IF_EDITED)))
    del element["ContactID"]
    return {"ContactNumber": str(contact_id)} | element


def _value_to_send(key: str, values: Mapping[str, str], copy: XeroCopy) -> str:
    ours, theirs = values.get(key, ""), copy.values.get(key, "")
    return theirs if values_equal(ours, theirs) else ours


def _phone(phone_type: str, parts: PhoneParts) -> dict[str, str]:
    return {
        "PhoneType": phone_type,
        "PhoneNumber": parts.number,
        "PhoneAreaCode": parts.area,
        "PhoneCountryCode": parts.country,
    }
