"""Text as it is compared, saved and sent: one spelling for everything that reads the same."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Embeddings, overrides and isolates can make a page read backwards; LRM, RLM and the joiners belong to words.
_DIRECTIONS: Final = frozenset("\u200b\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Unicode has set these aside for good: the last two of each plane, and 32 more.
_NONCHARACTERS: Final = frozenset(
    [chr(plane * 0x1_0000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)]
    + [chr(code) for code in range(0xFDD0, 0xFDF0)]
)
_INVISIBLE: Final = _DIRECTIONS | _NONCHARACTERS
_LATIN: Final = "!-~\u00a1-\u00ac\u00ae-\u024f"  # all that Western and Māori names need, each letter one character
_NORMALISED: Final = re.compile(f"(?:[{_LATIN}]+(?: [{_LATIN}]+)*)?")  # the common case, recognised at once


def normalise(text: str) -> str:
    """Normalise a value of one line.

    NFC, trimmed, runs of spaces one space; control characters, lone surrogates and
    characters that turn the direction of the page are left out.
    """
    if _NORMALISED.fullmatch(text):
        return text
    return _normalise(text)


def normalise_lines(text: str) -> str:
    """Normalise a value of several lines: as `normalise`, but line breaks and inner spaces stay."""
    lines = (_remove_invisible(line).rstrip() for line in text.splitlines())
    return unicodedata.normalize("NFC", "\n".join(lines)).strip("\n")


def values_equal(ours: str | None, theirs: str | None) -> bool:
    """Return whether two values are equal once normalised; missing, null and "" are equal."""
    return (ours or "") == (theirs or "") or normalise(ours or "") == normalise(theirs or "")


def utf16_length(text: str) -> int:
    """Count UTF-16 units, as browsers and Xero do: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=4096)
def _normalise(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(_remove_invisible(text).split()))


def _remove_invisible(text: str) -> str:
    """Remove what cannot be seen; white space of any kind becomes a plain space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char.isspace() else char for char in text if _is_visible(char))


def _is_visible(char: str) -> bool:
    return char.isspace() or (char not in _INVISIBLE and unicodedata.category(char) not in {"Cc", "Cs"})
