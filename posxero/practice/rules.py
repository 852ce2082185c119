"""Xero's rules for contacts: what is refused, and how a write changes a contact.

Messages are Xero's own where a recording or a public report has them; the rest are ours.
"""

import re
from collections.abc import Iterator
from typing import Any

from posxero.practice.folding import tidy
from posxero.practice.records import ACTIVE, ARCHIVED
from posxero.practice.shapes import ADDRESS_PARTS, ADDRESS_TYPES_READ, PHONE_PARTS, PHONE_TYPES_READ, Json

NAME_TAKEN = (
    "The contact name {name} is already assigned to another contact. "
    "The contact name must be unique across all active contacts."
)
NAME_EMPTY = "Contact Name cannot be empty."
IDENTIFIER_MISSING = (
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
MAX_CONTACT_PERSONS = 5
NOTE_EMPTY = "The Details of a history record cannot be empty."
MAX_NOTE_LENGTH = 2500  # characters; Xero's page on history and notes

NAME_FIELDS = ("Name", "FirstName", "LastName")
MAX_LENGTHS = {  # characters; maxLength in Xero's OpenAPI document 16.1.0
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
MAX_PHONE_LENGTHS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
MAX_ADDRESS_LENGTHS = dict.fromkeys(ADDRESS_PARTS, 255) | {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "AddressLine3": 500,
    "AddressLine4": 500,
    "PostalCode": 50,
    "Country": 50,
}
OBJECT_FIELDS = ("PaymentTerms", "BatchPayments", "SalesTrackingCategories", "PurchasesTrackingCategories")
EMAIL_PATTERN = re.compile(r"[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")  # no umlauts: ASCII only
COUNTRY_PUNCTUATION = frozenset(" .'\u2019&()-")


class MalformedElement(ValueError):
    """A field has a type that Xero cannot parse, such as a list instead of text."""


def validate(element: Json) -> list[str]:
    """Return the validation errors of the values that were sent.

    Raises:
        MalformedElement: A value has the wrong type.
    """
    return [*_scalar_errors(element), *_part_errors(element), *_person_errors(element)]


def validate_note(details: str) -> str:
    """Return the validation error of a note, "" if it is valid."""
    if not details.strip():
        return NOTE_EMPTY
    return (
        f"The Details field cannot be longer than {MAX_NOTE_LENGTH} characters."
        if len(details) > MAX_NOTE_LENGTH
        else ""
    )


def apply_changes(record: Json, element: Json) -> Json:
    """Return the contact after a write: omitted fields are kept, lists are replaced as a whole."""
    changed = dict(record)
    for key in MAX_LENGTHS:
        if element.get(key) is not None:
            text = _text(element, key)
            changed[key] = tidy(text) if key in NAME_FIELDS else text
    if element.get("ContactStatus") == ARCHIVED:
        changed["ContactStatus"] = ARCHIVED
    if element.get("Phones") is not None:
        changed["Phones"] = _by_type(element["Phones"], "PhoneType", PHONE_TYPES_READ, PHONE_PARTS)
    if element.get("Addresses") is not None:
        changed["Addresses"] = _by_type(element["Addresses"], "AddressType", ADDRESS_TYPES_READ, ADDRESS_PARTS)
    if element.get("ContactPersons"):  # an empty list does not empty it, one blank person does
        changed["ContactPersons"] = [person for person in element["ContactPersons"] if any(person.values())]
    changed |= {key: element[key] for key in OBJECT_FIELDS if element.get(key) is not None}
    return changed


def new_record(contact_id: str) -> Json:
    """Return an empty contact. Xero alone sets IsCustomer and IsSupplier."""
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


def _length_errors(source: Json, lengths: dict[str, int]) -> Iterator[str]:
    for key, most in lengths.items():
        if len(_text(source, key)) > most:
            yield f"The {key} field cannot be longer than {most} characters."


def _scalar_errors(element: Json) -> Iterator[str]:
    if element.get("Name") is not None and not tidy(_text(element, "Name")):
        yield NAME_EMPTY
    if set(_text(element, "Name")) & {"<", ">"}:
        yield "The contact name cannot contain < or >."
    yield from _length_errors(element, MAX_LENGTHS)
    email = _text(element, "EmailAddress")
    if email and not EMAIL_PATTERN.fullmatch(email):
        yield "Email address must be valid."


def _part_errors(element: Json) -> Iterator[str]:
    for phone in _entries(element, "Phones"):
        yield from _length_errors(phone, MAX_PHONE_LENGTHS)
    for address in _entries(element, "Addresses"):
        yield from _length_errors(address, MAX_ADDRESS_LENGTHS)
        country = _text(address, "Country")
        if not all(letter.isalpha() or _is_combining(letter) or letter in COUNTRY_PUNCTUATION for letter in country):
            yield "Country must contain letters only."


def _is_combining(letter: str) -> bool:
    return "\u0300" <= letter <= "\u036f"


def _person_errors(element: Json) -> Iterator[str]:
    persons = _entries(element, "ContactPersons")
    if len(persons) > MAX_CONTACT_PERSONS:
        yield f"A contact cannot have more than {MAX_CONTACT_PERSONS} additional people."
    for person in persons:
        yield from _length_errors(person, {"FirstName": 255, "LastName": 255, "EmailAddress": 255})


def _by_type(entries: list[Any], label: str, kinds: tuple[str, ...], parts: tuple[str, ...]) -> Json:
    """Return entries by type; entries without a known type are dropped, omitted parts are empty."""
    entry_by_type = {entry.get(label): entry for entry in entries}
    return {kind: {part: _text(entry_by_type[kind], part) for part in parts} for kind in kinds if kind in entry_by_type}
