"""Between the values of fields, which are text, and the columns that store them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from posxero.domain.fields import FIELDS, by_key


def values_of(row: object) -> dict[str, str]:
    """Return the value of every field by key.

    Args:
        row: A contact, or a row that has every column of the field map as an attribute.
    """
    return {field.key: field.kind.render(getattr(row, field.key)) for field in FIELDS}


def columns_of(values: Mapping[str, str]) -> dict[str, Any]:
    """Return what the columns of these fields store.

    Args:
        values: Cleaned and checked, by key.
    """
    return {key: by_key(key).kind.parse(value) for key, value in values.items()}


def provenance_of(changed: Iterable[str], *, source: str, now: datetime) -> dict[str, Any]:
    """Return the columns that record a change of these fields.

    Args:
        changed: Keys; only fields that keep their provenance beside their value count.
        source: Who or what the new values come from: a person's name.
        now: When.
    """
    kept = (place for key in changed if (place := by_key(key).provenance))
    return {column: value for place in kept for column, value in ((place.at, now), (place.source, source))}
