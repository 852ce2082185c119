"""What a row of a file would change of a customer who is here, and whether it may."""

from collections.abc import Mapping
from typing import Final

from posxero.domain import validation
from posxero.domain.diff import changes
from posxero.domain.enums import LabelledEnum
from posxero.domain.field_rules import RuleContext
from posxero.domain.fields import KEYS, MAPPED_KEYS, by_key
from posxero.domain.filling import values_to_fill
from posxero.domain.import_choices import OnMatch
from posxero.domain.normalise import with_name
from posxero.services.imports.files.reading import clean_cells

Changes = dict[str, tuple[str, str]]

SHOWN_CHANGES: Final = 5  # in words; the rest is counted
SHOWN_LENGTH: Final = 60  # characters of a value
PROBLEM_WITH_VALUE: Final = "{problem}. The file has “{value}”"


def changes_of(values: Mapping[str, str], given: Mapping[str, str], on_match: LabelledEnum) -> Changes:
    """Return (old, new) by key for every field that a row changes; a cell that is empty changes nothing.

    Args:
        values: The customer's, by key.
        given: The row's filled cells, as the file has them.
        on_match: What the person chose; KEEP changes nothing.
    """
    if on_match is OnMatch.KEEP:
        return {}
    changed = differences(values, given)
    if on_match is OnMatch.REPLACE:
        return changed
    empty = {key: change for key, change in changed.items() if not change[0]}
    filled = values_to_fill(values, {key: new for key, (_, new) in empty.items()} | _others(values, given))
    return {key: change for key, change in empty.items() if key in filled or key not in MAPPED_KEYS}


def differences(values: Mapping[str, str], given: Mapping[str, str]) -> Changes:
    """Return (old, new) by key where a row does not say what the customer has."""
    different = {key: text for key, text in given.items() if text != values.get(key)}
    return changes(values, clean_cells(different))


def new_values(given: Mapping[str, str]) -> dict[str, str]:
    """Return the value of every field of a customer who is added."""
    return with_name(dict.fromkeys(KEYS, "") | clean_cells(given))


def problem_of(values: Mapping[str, str], changed: Mapping[str, object], context: RuleContext) -> str:
    """Return what is wrong with the fields that a row changes, in words; "" when nothing is.

    Args:
        values: All fields as they would be.
        changed: The fields to check, by key.
    """
    for key, text in validation.check(values, changed=changed, context=context).items():
        value = values[key]
        return PROBLEM_WITH_VALUE.format(problem=text, value=value) if 0 < len(value) <= SHOWN_LENGTH else text
    return ""


def in_words(changed: Changes) -> str:
    """Say what a row would change: "Email: ann@a.example → ann@b.example"."""
    shown = [
        f"{by_key(key).full_label}: {_shown(key, old)} → {_shown(key, new)}"
        for key, (old, new) in list(changed.items())[:SHOWN_CHANGES]
    ]
    more = len(changed) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _others(values: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return what the row says of the fields that are filled here: half an address of each would be nobody's."""
    return {key: text for key, text in clean_cells(given).items() if values.get(key)}


def _shown(key: str, value: str) -> str:
    words = by_key(key).kind.in_words(value) or "(empty)"
    return words if len(words) <= SHOWN_LENGTH else f"{words[:SHOWN_LENGTH]}…"
