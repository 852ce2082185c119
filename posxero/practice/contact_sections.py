"""Everything that is stored of a contact, in sections with labels, for its page."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from posxero.practice import xero_dates
from posxero.practice.shapes import Json

WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
PHONE_TITLES = {"DEFAULT": "Phone", "MOBILE": "Mobile", "DDI": "Direct dial", "FAX": "Fax"}
ADDRESS_TITLES = {"STREET": "Street address", "POBOX": "Postal address"}
FIRST_FIELDS = (  # the first section, in this order
    "Name",
    "FirstName",
    "LastName",
    "EmailAddress",
    "AccountNumber",
    "CompanyNumber",
    "TaxNumber",
    "BankAccountDetails",
    "ContactStatus",
    "IsCustomer",
    "IsSupplier",
    "ContactNumber",
    "ContactID",
    "UpdatedDateUTC",
)
SECTION_FIELDS = ("Phones", "Addresses", "ContactPersons")  # each entry has a section of its own


def label(field: str) -> str:
    """Return the label of a field: “Phone area code” for PhoneAreaCode."""
    words = WORD_START.sub(" ", field).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def parse_record(record: str) -> Json:
    """Parse a stored record."""
    parsed: Json = json.loads(record)
    return parsed


def sections(record: Json) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return everything that is stored of a contact: titles, each with labels and values."""
    found = [("Contact", _contact_lines(record))]
    for many, titles in (("Phones", PHONE_TITLES), ("Addresses", ADDRESS_TITLES)):
        for kind, title in titles.items():
            entry = record.get(many, {}).get(kind, {})
            found.append((title, [(label(part), value) for part, value in entry.items() if value]))
    for number, person in enumerate(record.get("ContactPersons", []), 1):
        found.append((f"Additional person {number}", list(_flatten(person))))
    rest = {key: value for key, value in record.items() if key not in {*FIRST_FIELDS, *SECTION_FIELDS}}
    found.append(("Settings", list(_flatten(rest))))
    return [(title, lines) for title, lines in found if lines]


def _contact_lines(record: Json) -> list[tuple[str, str]]:
    shown = record | {"UpdatedDateUTC": xero_dates.format_for_page(record["UpdatedDateUTC"])}
    return list(_flatten({key: shown[key] for key in FIRST_FIELDS if key in shown}))


def _flatten(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, content in value.items():
        name = f"{above} · {label(key).lower()}" if above else label(key)
        if isinstance(content, dict):
            yield from _flatten(content, name)
        elif isinstance(content, bool):
            yield name, "Yes" if content else "No"
        elif isinstance(content, list) and content:
            yield name, ", ".join(_entry_text(each) for each in content)
        elif content not in ("", None, []):
            yield name, str(content)


def _entry_text(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    return str(entry.get("Name") or " ".join(str(value) for value in entry.values()))
