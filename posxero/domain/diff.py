"""Differences: between ours and Xero's, and between before and after a save."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from posxero.domain.fields import FIELDS, MAPPED_KEYS, SENT_IF_EDITED, by_key


@dataclass(frozen=True, slots=True)
class Difference:
    """One field whose value in Retail POS is not the one in Xero."""

    key: str
    label: str
    ours: str
    theirs: str


def sent_keys(*, tax_number_edited: bool) -> tuple[str, ...]:
    """List the fields a push sends; Tax number only if edited here: US numbers arrive masked."""
    return MAPPED_KEYS if tax_number_edited else tuple(key for key in MAPPED_KEYS if key not in SENT_IF_EDITED)


def differences(
    values: Mapping[str, str], copy_values: Mapping[str, str], *, keys: Iterable[str] = MAPPED_KEYS
) -> list[Difference]:
    """List the fields where Xero's copy is not ours, in the order of the form.

    Args:
        values: Ours, by key.
        copy_values: Xero's, by key (`XeroCopy.values`).
        keys: Which fields to compare; `sent_keys` for what a push would change.
    """
    return [
        Difference(key, by_key(key).full_label, values.get(key, ""), copy_values.get(key, ""))
        for key in keys
        if not by_key(key).kind.matches_xero(values.get(key, ""), copy_values.get(key, ""))
    ]


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return (old, new) by key for every field that a save changes, in the order of the form.

    A key missing in `after` is not changed.
    """
    return {
        field.key: (before.get(field.key, ""), after[field.key])
        for field in FIELDS
        if field.key in after and not field.kind.is_unchanged(before.get(field.key, ""), after[field.key])
    }


def without_reformatting(changed: Mapping[str, tuple[str, str]]) -> list[str]:
    """List the keys of the changes that are more than formatting, such as other spaces in a phone number."""
    return [key for key, (old, new) in changed.items() if not by_key(key).kind.is_same_in_xero(old, new)]


def needs_push(changed: Iterable[str]) -> bool:
    """Return whether Xero must hear of changes to these fields."""
    return not set(MAPPED_KEYS).isdisjoint(changed)
