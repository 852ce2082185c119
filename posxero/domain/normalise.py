"""A submitted contact form, cleaned: every field in the one form that is compared, saved and sent."""

from collections.abc import Mapping
from typing import Final

from posxero.domain.fields import FIELDS, POSTAL_KEY_BY_STREET_KEY
from posxero.domain.text import normalise

POSTAL_SAME: Final = "postal_same"  # the form's check box: the postal address is the street address


def with_postal_address(raw: Mapping[str, str]) -> dict[str, str]:
    """Copy the street address to the postal address where the form says that they are the same."""
    if raw.get(POSTAL_SAME) != "1":
        return dict(raw)
    return {**raw, **{postal: raw[street] for street, postal in POSTAL_KEY_BY_STREET_KEY.items() if street in raw}}


def clean(raw: Mapping[str, str]) -> dict[str, str]:
    """Clean every field of a submitted form as its kind says; unknown keys are left out, missing ones are ""."""
    typed = with_postal_address(raw)
    return {field.key: field.kind.clean(typed.get(field.key, "")) for field in FIELDS}


def with_name(values: Mapping[str, str]) -> dict[str, str]:
    """Fill an empty Name with "First Last"; only a new contact's name is ever derived."""
    if values.get("name"):
        return dict(values)
    return {**values, "name": normalise(f"{values.get('first_name', '')} {values.get('last_name', '')}")}
