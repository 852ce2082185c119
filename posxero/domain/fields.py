"""The field map: the one list that mapping, validation, differences, screens and docs are drawn from.

Lengths of fields that Xero has are those of Xero's OpenAPI document 16.1.0 (Contact, Address, Phone).
"""

from collections.abc import Iterable
from typing import Final

from posxero.domain.address_lines import LINES, AddressPart
from posxero.domain.field import Field, Group, Provenance, Send, XeroPlace
from posxero.domain.field_kinds import (
    COUNTRY,
    DATE,
    EMAIL,
    FAX,
    FLAG,
    GROUP,
    MASKED,
    NOTES,
    PHONE,
    TAGS,
    TEXT,
    FieldKind,
)
from posxero.domain.field_rules import check_birthday, check_name
from posxero.domain.labels import NAME_MAX

PHONE_MAX: Final = 50  # characters; Phone.PhoneNumber maxLength, where an edited number goes whole
CHOICE_MAX: Final = 32  # characters that are typed where a browser has no control for a date or a choice
TAGS_LENGTH_MAX: Final = 400  # characters of the names of all tags of a contact


def _phone(key: str, label: str, phone_type: str, *, kind: FieldKind = PHONE, span: int = 6) -> Field:
    place = XeroPlace(list="Phones", type=phone_type)
    return Field(key, label, Group.REACH, PHONE_MAX, place, Send.ALWAYS, kind, span=span)


def _address(prefix: str, group: Group, address_type: str) -> tuple[Field, ...]:
    lines = [(part, f"Address line {n}", 500, f"AddressLine{n}", TEXT, 6) for n, part in enumerate(LINES, 1)]
    rest = [
        (AddressPart.CITY, "City", 255, "City", TEXT, 4),
        (AddressPart.REGION, "Region", 255, "Region", TEXT, 3),
        (AddressPart.POSTCODE, "Postcode", 50, "PostalCode", TEXT, 2),
        (AddressPart.COUNTRY, "Country", 50, "Country", COUNTRY, 3),
    ]
    return tuple(
        Field(
            f"{prefix}_{part}",
            label,
            group,
            max_length,
            XeroPlace(name, "Addresses", address_type),
            Send.ALWAYS,
            kind,
            part=part,
            unit=group,
            span=span,
        )
        for part, label, max_length, name, kind, span in (*lines, *rest)
    )


FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "name",
        "Name",
        Group.NAME,
        255,
        XeroPlace("Name"),
        Send.ALWAYS,
        rule=check_name,
        hint="The company, or the person's full name, as it appears on invoices",
        span=12,
        is_required=True,
    ),
    Field("first_name", "First name", Group.NAME, 255, XeroPlace("FirstName"), Send.ALWAYS, unit="person"),
    Field("last_name", "Last name", Group.NAME, 255, XeroPlace("LastName"), Send.ALWAYS, unit="person"),
    Field("email", "Email", Group.REACH, 255, XeroPlace("EmailAddress"), Send.ALWAYS, EMAIL, span=4),
    _phone("phone", "Phone", "DEFAULT", span=4),
    _phone("mobile", "Mobile", "MOBILE", span=4),
    _phone("direct_dial", "Direct line", "DDI"),
    _phone("fax", "Fax", "FAX", kind=FAX),
    Field("birthday", "Birthday", Group.PERSONAL, CHOICE_MAX, kind=DATE, rule=check_birthday),
    Field(
        "marketing_consent",
        "Marketing consent",
        Group.PERSONAL,
        CHOICE_MAX,
        kind=FLAG,
        provenance=Provenance("marketing_consent_at", "marketing_consent_source"),
    ),
    *_address("street", Group.STREET, "STREET"),
    *_address("postal", Group.POSTAL, "POBOX"),
    Field("company_number", "Company number", Group.BUSINESS, 50, XeroPlace("CompanyNumber"), Send.ALWAYS),
    Field("tax_number", "Tax number", Group.BUSINESS, 50, XeroPlace("TaxNumber"), Send.IF_EDITED, MASKED),
    Field("account_number", "Account number", Group.BUSINESS, 50, XeroPlace("AccountNumber"), Send.ALWAYS),
    Field("customer_code", "Customer code", Group.BUSINESS, 50, supplier_label="Supplier code"),
    Field("customer_group", "Group", Group.BUSINESS, NAME_MAX, kind=GROUP),
    Field("tags", "Tags", Group.BUSINESS, TAGS_LENGTH_MAX, kind=TAGS),
    Field("notes", "Notes", Group.NOTES, 4000, kind=NOTES, span=12),
)

MAPPED: Final[tuple[Field, ...]] = tuple(field for field in FIELDS if field.place)
KEYS: Final[tuple[str, ...]] = tuple(field.key for field in FIELDS)
MAPPED_KEYS: Final[tuple[str, ...]] = tuple(field.key for field in MAPPED)
SENT_IF_EDITED: Final = frozenset(field.key for field in FIELDS if field.send is Send.IF_EDITED)

# Phone fields by Xero's phone type.
PHONES: Final[dict[str, str]] = {
    field.place.type: field.key for field in MAPPED if field.place and field.place.list == "Phones"
}

# Xero's types of the addresses that are mapped; DELIVERY is only an organisation's.
ADDRESSES: Final[tuple[str, ...]] = tuple(
    dict.fromkeys(field.place.type for field in MAPPED if field.place and field.place.list == "Addresses")
)

_BY_KEY: Final[dict[str, Field]] = {field.key: field for field in FIELDS}


def by_key(key: str) -> Field:
    """Return a field.

    Raises:
        KeyError: No field has this key.
    """
    return _BY_KEY[key]


def groups(fields: Iterable[Field] = FIELDS) -> dict[Group, tuple[Field, ...]]:
    """Return the fields by group, in their order."""
    found: dict[Group, tuple[Field, ...]] = {}
    for field in fields:
        found[field.group] = (*found.get(field.group, ()), field)
    return found


# What a shop edits daily, in the order of the form; the form folds the rest away.
DAILY: Final[tuple[Field, ...]] = (*map(by_key, ("name", "email", "mobile", "phone")), *groups()[Group.STREET])

POSTAL_KEY_BY_STREET_KEY: Final[dict[str, str]] = {
    street.key: postal.key for street, postal in zip(groups()[Group.STREET], groups()[Group.POSTAL], strict=True)
}
