"""Which empty fields are filled from Xero when a contact is linked, and which fields a push would empty in Xero."""

from collections.abc import Collection, Mapping
from typing import Final

from posxero.domain.diff import Difference, differences
from posxero.domain.fields import MAPPED, MAPPED_KEYS
from posxero.domain.text import values_equal

# The keys of the fields that are filled only as a whole.
UNITS: Final = tuple(
    frozenset(field.key for field in MAPPED if field.unit == unit)
    for unit in dict.fromkeys(field.unit for field in MAPPED if field.unit)
)


def values_to_fill(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Return Xero's values for the fields that are empty here, by key.

    Of the fields of one unit (an address, a person) the empty ones are filled only where the others agree.
    """
    empty = {key for key in MAPPED_KEYS if theirs.get(key) and not ours.get(key)}
    for unit in UNITS:
        if any(ours.get(key) and not values_equal(ours[key], theirs.get(key)) for key in unit):
            empty -= unit
    return {key: theirs[key] for key in MAPPED_KEYS if key in empty}


def emptied_in_xero(
    ours: Mapping[str, str], theirs: Mapping[str, str], *, keys: Collection[str], emptied_here: Collection[str]
) -> list[Difference]:
    """List the fields that a push would empty in Xero, although nobody emptied them here.

    Args:
        ours: The values that would be pushed, by key.
        theirs: Xero's copy, by key.
        keys: What a push sends.
        emptied_here: The fields that somebody emptied here.
    """
    found = differences(ours, theirs, keys=[key for key in keys if key not in emptied_here])
    return [one for one in found if one.theirs and not one.ours]
