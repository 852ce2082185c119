"""What is known of a field of a contact; the fields themselves are in `domain.fields`."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self

from posxero.domain.address_lines import AddressPart
from posxero.domain.field_kinds import TEXT, FieldKind
from posxero.domain.field_rules import Rule
from posxero.domain.kinds import ContactKind


class Group(StrEnum):
    """What fields stand together; the value is its name on screen."""

    NAME = "Name"
    REACH = "Email and phone"
    PERSONAL = "Personal"
    STREET = "Street address"
    POSTAL = "Postal address"
    BUSINESS = "Business details"
    NOTES = "Notes"

    @property
    def is_address(self) -> bool:
        """Whether its fields are the parts of one address."""
        return self in {Group.STREET, Group.POSTAL}

    @property
    def has_heading(self) -> bool:
        """Whether its name stands over its fields in the form; the labels of the others say enough."""
        return self.is_address or self is Group.BUSINESS


class Send(StrEnum):
    """When a push sends a field to Xero."""

    ALWAYS = "always"
    IF_EDITED = "if_edited"  # here, ever: what was only imported may be masked
    NEVER = "never"


class XeroPlace(NamedTuple):
    """Where Xero keeps a field: `name` of the contact itself, or of the element of a list with this type.

    A phone has no name: it is three parts of its element, composed (`domain.xero_phones`).
    """

    name: str = ""
    list: str = ""
    type: str = ""

    @property
    def path(self) -> str:
        """Return the place as documents write it: "Addresses.STREET.City"."""
        return ".".join(filter(None, (self.list, self.type, self.name)))


class Provenance(NamedTuple):
    """The columns in which a change of a field records when it happened and who or what it came from."""

    at: str
    source: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a contact.

    Attributes:
        key: The column, the form's input name and the key of every mapping of values.
        label: Its name on screen, within its group.
        group: What it stands with.
        max_length: UTF-16 units, as browsers count.
        place: Where Xero keeps it; None when it never leaves Retail POS.
        send: When a push sends it.
        kind: How its value is cleaned, checked, compared, stored and entered.
        rule: What its value must meet beyond the rule of its kind.
        part: Which part of an address it is; None outside addresses.
        unit: Fields of one unit are filled from Xero only as a whole: half an address would be nobody's.
        hint: What stands below its label in the form.
        span: Its width in the form, of 12 columns.
        is_required: Whether it must not be empty.
        supplier_label: Its name on the pages of suppliers; "" where that is its label.
        provenance: Where a change is recorded beside its value; None when history is enough.
    """

    key: str
    label: str
    group: Group
    max_length: int
    place: XeroPlace | None = None
    send: Send = Send.NEVER
    kind: FieldKind = TEXT
    rule: Rule | None = None
    part: AddressPart | None = None
    unit: str = ""
    hint: str = ""
    span: int = 6
    is_required: bool = False
    supplier_label: str = ""
    provenance: Provenance | None = None

    def named_for(self, kind: ContactKind) -> Self:
        """Return the field with the label that it has on the pages of a kind of contact."""
        is_other = kind is ContactKind.SUPPLIER and self.supplier_label
        return replace(self, label=self.supplier_label) if is_other else self

    @property
    def full_label(self) -> str:
        """Its name where its group is not seen: "City (street address)"."""
        return f"{self.label} ({self.group.lower()})" if self.group.is_address else self.label

    @property
    def xero(self) -> str | None:
        """Where Xero keeps it, as documents write it; None when it never leaves Retail POS."""
        return self.place.path if self.place else None
