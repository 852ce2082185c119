"""The one form of a value: what is compared, saved and sent."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from posxero.domain.fields import FIELDS, KEYS

POSTAL_SAME: Final = "postal_same"  # the form's check box: the postal address is the street address

# Embeddings, overrides and isolates can make a page read backwards; LRM, RLM and the joiners belong to words.
_INVISIBLE: Final = frozenset("\u200b\ufeff\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LATIN: Final = "!-~\u00a1-\u00ac\u00ae-\u024f"  # all that Western and Māori names need, each letter one character
_PLAIN: Final = re.compile(f"(?:[{_LATIN}]+(?: [{_LATIN}]+)*)?")


def normalise(text: str) -> str:
    """Give a one-line value its one form.

    NFC, trimmed, runs of spaces one space; control characters, lone surrogates and
    characters that turn the direction of the page are left out.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _normalise(text)


def normalise_lines(text: str) -> str:
    """Give a value of several lines its one form: as `normalise`, but lines and inner spaces stay."""
    lines = (_visible(line).rstrip() for line in text.splitlines())
    return unicodedata.normalize("NFC", "\n".join(lines)).strip("\n")


def with_postal_address(raw: Mapping[str, str]) -> dict[str, str]:
    """Take the street address for the postal address, where the form says that they are the same."""
    if raw.get(POSTAL_SAME) != "1":
        return dict(raw)
    return {**raw, **{f"postal_{key[7:]}": raw[key] for key in KEYS if key.startswith("street_") and key in raw}}


def clean(raw: Mapping[str, str]) -> dict[str, str]:
    """Give every known field of a submitted form its one form; unknown keys are left out, missing ones are ""."""
    typed = with_postal_address(raw)
    return {
        field.key: (normalise_lines if field.input == "textarea" else normalise)(typed.get(field.key, ""))
        for field in FIELDS
    }


def with_name(values: Mapping[str, str]) -> dict[str, str]:
    """Fill an empty Name with "First Last"; only a new contact's name is ever derived."""
    person = normalise(f"{values.get('first_name', '')} {values.get('last_name', '')}")
    return {**values, "name": values.get("name", "") or person}


@lru_cache(maxsize=4096)
def _normalise(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(_visible(text).split()))


def _visible(text: str) -> str:
    """Leave out what cannot be seen; white space of any kind becomes a plain space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char.isspace() else char for char in text if _shows(char))


def _shows(char: str) -> bool:
    return char.isspace() or (char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cs"})
