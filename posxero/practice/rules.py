"""What Xero refuses in a contact, and how what was sent becomes the contact.

Messages are Xero's own where a recording or a public report has them; the rest are ours.
"""

import re
from collections.abc import Iterator
from typing import Any

from posxero.practice.folding import tidy
from posxero.practice.records import ACTIVE, ARCHIVED
from posxero.practice.shapes import ADDRESS_PARTS, ADDRESSES_READ, PHONE_PARTS, PHONES_READ, Json

NAME_TAKEN = (
    "The contact name {name} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)
NAME_EMPTY = "Contact Name cannot be empty."
NOTHING_NAMED = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
MATCHED_ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
ACCOUNT_TAKEN = "The Account Number already exists. Please enter a different Account Number."
NUMBER_TAKEN = "Another contact has this contact number. Please enter a different contact number."
PERSONS_NEED_EMAIL = "Additional people cannot be added when the primary person has no email address set."
PERSONS_MOST = 5
NOTE_EMPTY = "The Details of a history record cannot be empty."
NOTE_MOST = 2500  # characters; Xero's page on history and notes

NAMES = ("Name", "FirstName", "LastName")
LENGTHS = {  # characters; maxLength in Xero's OpenAPI document 16.1.0
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "ContactNumber": 50,
    "AccountNumber": 50,
    "CompanyNumber": 50,
    "TaxNumber": 50,
    "BankAccountDetails": 255,
    "TaxNumberType": 20,
    "AccountsReceivableTaxType": 50,
    "AccountsPayableTaxType": 50,
    "DefaultCurrency": 3,
    "XeroNetworkKey": 255,
    "SalesDefaultAccountCode": 10,
    "PurchasesDefaultAccountCode": 10,
    "SalesDefaultLineAmountType": 20,
    "PurchasesDefaultLineAmountType": 20,
}
PHONE_LENGTHS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
ADDRESS_LENGTHS = dict.fromkeys(ADDRESS_PARTS, 255) | {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "AddressLine3": 500,
    "AddressLine4": 500,
    "PostalCode": 50,
    "Country": 50,
}
OBJECTS = ("PaymentTerms", "BatchPayments", "SalesTrackingCategories", "PurchasesTrackingCategories")
EMAIL = re.compile(r"[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")  # no umlauts: ASCII only
COUNTRY_MARKS = frozenset(" .'\u2019&()-")


class MalformedElement(ValueError):
    """A field holds what Xero cannot read at all, such as a list where text belongs."""


def broken(element: Json) -> list[str]:
    """Say what is wrong with the values that were sent; an empty list when nothing is.

    Raises:
        MalformedElement: A value is of a wrong kind.
    """
    return [*_wrong_scalars(element), *_wrong_parts(element), *_wrong_persons(element)]


def broken_note(details: str) -> str:
    """Say what is wrong with the text of a note; "" when nothing is."""
    if not details.strip():
        return NOTE_EMPTY
    return f"The Details field cannot be longer than {NOTE_MOST} characters." if len(details) > NOTE_MOST else ""


def change(record: Json, element: Json) -> Json:
    """Return the contact as it is after a write: what was not sent is kept, lists that were sent are replaced whole."""
    changed = dict(record)
    for key in LENGTHS:
        if element.get(key) is not None:
            text = _text(element, key)
            changed[key] = tidy(text) if key in NAMES else text
    if element.get("ContactStatus") == ARCHIVED:
        changed["ContactStatus"] = ARCHIVED
    if element.get("Phones") is not None:
        changed["Phones"] = _by_type(element["Phones"], "PhoneType", PHONES_READ, PHONE_PARTS)
    if element.get("Addresses") is not None:
        changed["Addresses"] = _by_type(element["Addresses"], "AddressType", ADDRESSES_READ, ADDRESS_PARTS)
    if element.get("ContactPersons"):  # an empty list does not empty it, one blank person does
        changed["ContactPersons"] = [person for person in element["ContactPersons"] if any(person.values())]
    changed |= {key: element[key] for key in OBJECTS if element.get(key) is not None}
    return changed


def blank(contact_id: str) -> Json:
    """Give a new contact with nothing in it. IsCustomer and IsSupplier are Xero's to set."""
    return {
        "ContactID": contact_id,
        "ContactStatus": ACTIVE,
        "Name": "",
        "Addresses": {},
        "Phones": {},
        "IsSupplier": False,
        "IsCustomer": False,
        "ContactPersons": [],
    }


def _text(element: Json, key: str) -> str:
    value = element.get(key)
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise MalformedElement(key)
    return value if isinstance(value, str) else str(value)


def _entries(element: Json, key: str) -> list[Json]:
    entries = element.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MalformedElement(key)
    return entries


def _too_long(source: Json, lengths: dict[str, int]) -> Iterator[str]:
    for key, most in lengths.items():
        if len(_text(source, key)) > most:
            yield f"The {key} field cannot be longer than {most} characters."


def _wrong_scalars(element: Json) -> Iterator[str]:
    if element.get("Name") is not None and not tidy(_text(element, "Name")):
        yield NAME_EMPTY
    if set(_text(element, "Name")) & {"<", ">"}:
        yield "The contact name cannot contain < or >."
    yield from _too_long(element, LENGTHS)
    email = _text(element, "EmailAddress")
    if email and not EMAIL.fullmatch(email):
        yield "Email address must be valid."


def _wrong_parts(element: Json) -> Iterator[str]:
    for phone in _entries(element, "Phones"):
        yield from _too_long(phone, PHONE_LENGTHS)
    for address in _entries(element, "Addresses"):
        yield from _too_long(address, ADDRESS_LENGTHS)
        country = _text(address, "Country")
        if not all(letter.isalpha() or _combining(letter) or letter in COUNTRY_MARKS for letter in country):
            yield "Country must contain letters only."


def _combining(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f"


def _wrong_persons(element: Json) -> Iterator[str]:
    persons = _entries(element, "ContactPersons")
    if len(persons) > PERSONS_MOST:
        yield f"A contact cannot have more than {PERSONS_MOST} additional people."
    for person in persons:
        yield from _too_long(person, {"FirstName": 255, "LastName": 255, "EmailAddress": 255})


def _by_type(entries: list[Any], label: str, kinds: tuple[str, ...], parts: tuple[str, ...]) -> Json:
    """Keep the known types; an entry without a type is ignored, a part that was not sent is empty."""
    held = {entry.get(label): entry for entry in entries}
    return {kind: {part: _text(held[kind], part) for part in parts} for kind in kinds if kind in held}
