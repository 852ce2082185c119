"""The field map: the one list that mapping, validation, differences, screens and docs are drawn from.

Lengths of fields that Xero has are those of Xero's OpenAPI document 16.1.0 (Contact, Address, Phone).
"""

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
    autocomplete: str = "off"

    @property
    def inputmode(self) -> str:
        """Ask a tablet for the keyboard that fits; "" is the usual one."""
        return self.input if self.input in {"email", "tel"} else ""

    @property
    def full_label(self) -> str:
        """Name the field where its group is not seen: "City (street address)"."""
        return f"{self.label} ({self.group.lower()})" if self.group.endswith(" address") else self.label


def _address(prefix: str, group: str, kind: str, purpose: str) -> tuple[Field, ...]:
    """List the fields of one address; `purpose` is the section of HTML's autofill."""
    rows = [
        (f"line{n}", f"Address line {n}", 500, f"AddressLine{n}", f"address-line{n}" if n <= 3 else "")  # noqa: PLR2004 - HTML names three lines
        for n in range(1, 5)
    ]
    rows += [
        ("city", "City", 255, "City", "address-level2"),
        ("region", "Region", 255, "Region", "address-level1"),
        ("postcode", "Postcode", 50, "PostalCode", "postal-code"),
        ("country", "Country", 50, "Country", "country-name"),
    ]
    return tuple(
        Field(
            key=f"{prefix}_{key}",
            label=label,
            group=group,
            max_length=longest,
            xero=f"Addresses.{kind}.{name}",
            autocomplete=f"{purpose} {autofill}" if autofill else "off",
        )
        for key, label, longest, name, autofill in rows
    )


FIELDS: Final[tuple[Field, ...]] = (
    Field("name", "Name", "Name", 255, "Name", autocomplete="organization"),
    Field("first_name", "First name", "Name", 255, "FirstName", autocomplete="given-name"),
    Field("last_name", "Last name", "Name", 255, "LastName", autocomplete="family-name"),
    Field("email", "Email", "Email and phone", 255, "EmailAddress", "email", "email"),
    Field("phone", "Phone", "Email and phone", PHONE_MAX, "Phones.DEFAULT", "tel", "tel"),
    Field("mobile", "Mobile", "Email and phone", PHONE_MAX, "Phones.MOBILE", "tel", "mobile tel"),
    Field("direct_dial", "Direct dial", "Email and phone", PHONE_MAX, "Phones.DDI", "tel", "work tel"),
    Field("fax", "Fax", "Email and phone", PHONE_MAX, "Phones.FAX", "tel", "fax tel"),
    *_address("street", "Street address", "STREET", "shipping"),
    *_address("postal", "Postal address", "POBOX", "billing"),
    Field("company_number", "Company number", "Numbers", 50, "CompanyNumber"),
    Field("tax_number", "Tax number", "Numbers", 50, "TaxNumber"),
    Field("account_number", "Account number", "Numbers", 50, "AccountNumber"),
    Field("customer_code", "Customer code", "Numbers", 50),
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


def groups() -> dict[str, tuple[Field, ...]]:
    """Give the fields by group, in the order of the form."""
    found: dict[str, tuple[Field, ...]] = {}
    for field in FIELDS:
        found[field.group] = (*found.get(field.group, ()), field)
    return found
