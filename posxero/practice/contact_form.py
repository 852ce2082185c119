"""The contact page and form: fields in groups, with labels."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from posxero.practice import xero_dates
from posxero.practice.shapes import ADDRESS_PARTS, PHONE_PARTS, Json

SCALAR_FIELDS = (
    "Name",
    "FirstName",
    "LastName",
    "EmailAddress",
    "AccountNumber",
    "CompanyNumber",
    "TaxNumber",
    "BankAccountDetails",
)
PHONE_TITLES = {"DEFAULT": "Phone", "MOBILE": "Mobile", "DDI": "Direct dial", "FAX": "Fax"}
ADDRESS_TITLES = {"STREET": "Street address", "POBOX": "Postal address"}
WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
FIRST_SHOWN_FIELDS = (
    *SCALAR_FIELDS,
    "ContactStatus",
    "IsCustomer",
    "IsSupplier",
    "ContactNumber",
    "ContactID",
    "UpdatedDateUTC",
)


def label(field: str) -> str:
    """Return the label of a field: “Phone area code” for PhoneAreaCode."""
    words = WORD_START.sub(" ", field).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def _group(title: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return title, dict(names)


# The editable fields: title of the group, then label by the name of its input.
GROUPS = (
    _group("Contact", {field: label(field) for field in SCALAR_FIELDS}),
    *(
        _group(title, {f"Phones.{kind}.{part}": label(part) for part in reversed(PHONE_PARTS)})
        for kind, title in PHONE_TITLES.items()
    ),
    *(
        _group(title, {f"Addresses.{kind}.{part}": label(part) for part in ("AttentionTo", *ADDRESS_PARTS[:-1])})
        for kind, title in ADDRESS_TITLES.items()
    ),
)


def parse_record(record: str) -> Json:
    """Parse a stored record."""
    read: Json = json.loads(record)
    return read


def form_values(record: Json) -> dict[str, str]:
    """Return the values of the edit form by the names of its inputs."""
    values: dict[str, str] = {}
    for _, names in GROUPS:
        for name in names:
            first, _, rest = name.partition(".")
            kind, _, part = rest.partition(".")
            held = record.get(first, {}).get(kind, {}).get(part) if rest else record.get(first)
            values[name] = held or ""
    return values


def from_form(form: Mapping[str, str]) -> Json:
    """Return the submitted form as an element of a write, with every phone and address complete."""
    element: Json = {field: form.get(field, "") for field in SCALAR_FIELDS}
    for many, one, titles, parts in (
        ("Phones", "PhoneType", PHONE_TITLES, PHONE_PARTS),
        ("Addresses", "AddressType", ADDRESS_TITLES, ADDRESS_PARTS),
    ):
        element[many] = [
            {one: kind} | {part: form.get(f"{many}.{kind}.{part}", "") for part in parts} for kind in titles
        ]
    return element


def sections(record: Json) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return everything that is stored of a contact: titles, each with labels and values."""
    found = [("Contact", _contact_lines(record))]
    for many, titles in (("Phones", PHONE_TITLES), ("Addresses", ADDRESS_TITLES)):
        for kind, title in titles.items():
            held = record.get(many, {}).get(kind, {})
            found.append((title, [(label(part), value) for part, value in held.items() if value]))
    for number, person in enumerate(record.get("ContactPersons", []), 1):
        found.append((f"Additional person {number}", list(_flatten(person))))
    rest = {key: value for key, value in record.items() if key not in {*FIRST_SHOWN_FIELDS, *SECTION_FIELDS}}
    found.append(("Settings", list(_flatten(rest))))
    return [(title, lines) for title, lines in found if lines]


SECTION_FIELDS = ("Phones", "Addresses", "ContactPersons")


def _contact_lines(record: Json) -> list[tuple[str, str]]:
    shown = record | {"UpdatedDateUTC": xero_dates.format_for_page(record["UpdatedDateUTC"])}
    return list(_flatten({key: shown[key] for key in FIRST_SHOWN_FIELDS if key in shown}))


def _flatten(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, held in value.items():
        name = f"{above} · {label(key).lower()}" if above else label(key)
        if isinstance(held, dict):
            yield from _flatten(held, name)
        elif isinstance(held, bool):
            yield name, "Yes" if held else "No"
        elif isinstance(held, list) and held:
            yield name, ", ".join(str(each.get("Name", each) if isinstance(each, dict) else each) for each in held)
        elif held not in ("", None, []):
            yield name, str(held)
