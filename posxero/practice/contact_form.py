"""A contact for people: its fields in groups with labels, to read and to edit."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from posxero.practice import xero_dates
from posxero.practice.shapes import ADDRESS_PARTS, PHONE_PARTS, Json

OWN = (
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
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
MOST_LIKE_FIRST = (*OWN, "ContactStatus", "IsCustomer", "IsSupplier", "ContactNumber", "ContactID", "UpdatedDateUTC")


def label(field: str) -> str:
    """Give a field's label: PhoneAreaCode is Phone area code."""
    words = CAPITAL.sub(" ", field).split()
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def _group(title: str, names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return title, dict(names)


# The editable fields: title of the group, then label by the name of its input.
GROUPS = (
    _group("Contact", {field: label(field) for field in OWN}),
    *(
        _group(title, {f"Phones.{kind}.{part}": label(part) for part in reversed(PHONE_PARTS)})
        for kind, title in PHONE_TITLES.items()
    ),
    *(
        _group(title, {f"Addresses.{kind}.{part}": label(part) for part in ("AttentionTo", *ADDRESS_PARTS[:-1])})
        for kind, title in ADDRESS_TITLES.items()
    ),
)


def parsed(record: str) -> Json:
    """Read a stored record."""
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
    """Return the element of a write that the edit form stands for: every phone and address, whole."""
    element: Json = {field: form.get(field, "") for field in OWN}
    for many, one, titles, parts in (
        ("Phones", "PhoneType", PHONE_TITLES, PHONE_PARTS),
        ("Addresses", "AddressType", ADDRESS_TITLES, ADDRESS_PARTS),
    ):
        element[many] = [
            {one: kind} | {part: form.get(f"{many}.{kind}.{part}", "") for part in parts} for kind in titles
        ]
    return element


def sections(record: Json) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give all that is held of a contact: titles, each with labels and values."""
    found = [("Contact", _own(record))]
    for many, titles in (("Phones", PHONE_TITLES), ("Addresses", ADDRESS_TITLES)):
        for kind, title in titles.items():
            held = record.get(many, {}).get(kind, {})
            found.append((title, [(label(part), value) for part, value in held.items() if value]))
    for number, person in enumerate(record.get("ContactPersons", []), 1):
        found.append((f"Additional person {number}", list(_flat(person))))
    rest = {key: value for key, value in record.items() if key not in {*MOST_LIKE_FIRST, *_SHOWN}}
    found.append(("Settings", list(_flat(rest))))
    return [(title, lines) for title, lines in found if lines]


_SHOWN = ("Phones", "Addresses", "ContactPersons")


def _own(record: Json) -> list[tuple[str, str]]:
    shown = record | {"UpdatedDateUTC": xero_dates.for_people(record["UpdatedDateUTC"])}
    return list(_flat({key: shown[key] for key in MOST_LIKE_FIRST if key in shown}))


def _flat(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, held in value.items():
        name = f"{above} · {label(key).lower()}" if above else label(key)
        if isinstance(held, dict):
            yield from _flat(held, name)
        elif isinstance(held, bool):
            yield name, "Yes" if held else "No"
        elif isinstance(held, list) and held:
            yield name, ", ".join(str(each.get("Name", each) if isinstance(each, dict) else each) for each in held)
        elif held not in ("", None, []):
            yield name, str(held)
