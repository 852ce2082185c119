"""Use Xero's values: a person keeps what Xero has, as an edit of their own that the usual rules check."""

from collections.abc import Mapping, Sequence
from typing import Final

from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference
from posxero.domain.fields import MAPPED_KEYS, SENT_IF_EDITED, by_key
from posxero.domain.kinds import ContactKind
from posxero.domain.masks import is_masked
from posxero.domain.text import values_equal
from posxero.services.contacts.submissions import ContactSubmission

NOTE: Final = "Used Xero's value."
NOTE_FOR_SEVERAL: Final = "Used Xero's values."


class ValueChanged(Exception):
    """Xero no longer has a value that the person was shown."""


def submission_of(copy: XeroCopy, shown: Mapping[str, str], *, seen: int, kind: ContactKind) -> ContactSubmission:
    """Return the edit that makes Xero's values ours, to be saved like any other.

    Args:
        copy: What Xero last showed.
        shown: The values that the person chose, by field key, as they were shown.
        seen: The version of the contact that they were shown beside.
        kind: Whose page it was.

    Raises:
        ValueChanged: The copy has another value by now.
    """
    values = {key: copy.values[key] for key in MAPPED_KEYS if key in shown}
    if not values or not all(values_equal(value, shown[key]) for key, value in values.items()):
        raise ValueChanged
    return ContactSubmission(values=values, seen=seen, kind=kind, note=NOTE if len(values) == 1 else NOTE_FOR_SEVERAL)


def usable(differences: Sequence[Difference]) -> list[Difference]:
    """List the differences whose value in Xero can be ours: one of which Xero shows only the end cannot."""
    return [one for one in differences if one.key not in masked_errors({one.key: one.theirs})]


def masked_errors(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with values of which Xero shows only the end, by field key."""
    return {
        key: f"Xero shows only part of {by_key(key).label}. Enter all of it"
        for key, value in values.items()
        if key in SENT_IF_EDITED and is_masked(value)
    }
