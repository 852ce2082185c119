"""The field map: the one list that mapping, validation, differences, screens and docs are drawn from.

Lengths of fields that Xero has are those of Xero's OpenAPI document 16.1.0 (Contact, Address, Phone).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Input = Literal["text", "email", "tel", "textarea"]

PHONE_MAX: Final = 50  # characters; Phone.PhoneNumber maxLength, where an edited number goes whole


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a contact.

    `key` is the column, the form's input name and the key of every mapping of values.
    `xero` is where Xero keeps it ("Phones.DEFAULT", "Addresses.STREET.City"), None when
    the field never leaves Retail POS. `max_length` counts UTF-16 units, as browsers do.
    """

    key: str
    label: str
    group: str
    max_length: int
    xero: str | None = None
    input: Input = "text"

    @property
    def inputmode(self) -> str:
        """Ask a tablet for the keyboard that fits; "" is the usual one."""
        return self.input if self.input in {"email", "tel"} else ""

    @property
    def full_label(self) -> str:
        """Name the field where its group is not seen: "City (street address)"."""
        return f"{self.label} ({self.group.lower()})" if self.group.endswith(" address") else self.label


def _address(prefix: str, group: str, kind: str) -> tuple[Field, ...]:
    parts = [(f"line{n}", f"Address line {n}", 500, f"AddressLine{n}") for n in range(1, 5)]
    parts += [
        ("city", "City", 255, "City"),
        ("region", "Region", 255, "Region"),
        ("postcode", "Postcode", 50, "PostalCode"),
        ("country", "Country", 50, "Country"),
    ]
    return tuple(
        Field(f"{prefix}_{key}", label, group, longest, f"Addresses.{kind}.{name}")
        for key, label, longest, name in parts
    )


FIELDS: Final[tuple[Field, ...]] = (
    Field("name", "Name", "Name", 255, "Name"),
    Field("first_name", "First name", "Name", 255, "FirstName"),
    Field("last_name", "Last name", "Name", 255, "LastName"),
    Field("email", "Email", "Email and phone", 255, "EmailAddress", "email"),
    Field("phone", "Phone", "Email and phone", PHONE_MAX, "Phones.DEFAULT", "tel"),
    Field("mobile", "Mobile", "Email and phone", PHONE_MAX, "Phones.MOBILE", "tel"),
    Field("direct_dial", "Direct line", "Email and phone", PHONE_MAX, "Phones.DDI", "tel"),
    Field("fax", "Fax", "Email and phone", PHONE_MAX, "Phones.FAX", "tel"),
    *_address("street", "Street address", "STREET"),
    *_address("postal", "Postal address", "POBOX"),
    Field("company_number", "Company number", "Business details", 50, "CompanyNumber"),
    Field("tax_number", "Tax number", "Business details", 50, "TaxNumber"),
    Field("account_number", "Account number", "Business details", 50, "AccountNumber"),
    Field("customer_code", "Customer code", "Business details", 50),
    Field("notes", "Notes", "Notes", 4000, None, "textarea"),
)

MAPPED: Final[tuple[Field, ...]] = tuple(field for field in FIELDS if field.xero)
KEYS: Final[tuple[str, ...]] = tuple(field.key for field in FIELDS)
MAPPED_KEYS: Final[tuple[str, ...]] = tuple(field.key for field in MAPPED)

# Phone fields by Xero's phone type.
PHONES: Final[dict[str, str]] = {
    field.xero.removeprefix("Phones."): field.key
    for field in MAPPED
    if field.xero is not None and field.xero.startswith("Phones.")
}

_BY_KEY: Final[dict[str, Field]] = {field.key: field for field in FIELDS}


def by_key(key: str) -> Field:
    """Find a field.

    Raises:
        KeyError: No field has this key.
    """
    return _BY_KEY[key]


# What a shop edits daily, in the order of the form; the form folds the rest away.
DAILY: Final[tuple[Field, ...]] = (
    *map(by_key, ("name", "email", "mobile", "phone")),
    *(field for field in FIELDS if field.key.startswith("street_")),
)


def groups(fields: Iterable[Field] = FIELDS) -> dict[str, tuple[Field, ...]]:
    """Return the fields by group, in their order."""
    found: dict[str, tuple[Field, ...]] = {}
    for field in fields:
        found[field.group] = (*found.get(field.group, ()), field)
    return found
