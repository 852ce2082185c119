"""Folding: what search and matching compare, so that accents, case and punctuation do not matter."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from posxero.domain import phone_numbers
from posxero.domain.fields import PHONES
from posxero.domain.text import normalise

# A PostgreSQL index row holds 2,704 bytes: both keys, two ids of 16 and the row's own 30.
NAME_KEY_MAX: Final = 800  # bytes of UTF-8
SEARCH_TEXT_MAX: Final = 1000  # characters
_SEARCH_BYTES_MAX: Final = 1800  # bytes of UTF-8
_EMAIL_KEY_MAX: Final = 255  # characters; the column

_UNDECOMPOSED: Final = str.maketrans(  # what Unicode does not split into a letter and a mark
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "\u0131": "i"}
    | {"ŋ": "n", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES: Final = re.compile("['`\u2018\u2019\u02bb\u02bc\u00b4]")  # O'Brien is one word
_ASCII_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`"))
_ASCII_WORD: Final = re.compile("[a-z0-9]+")
_CACHE_MAX: Final = 10_000  # characters kept in memory, of the million there are
_LAST_CODE_POINT: Final = "\U0010ffff"
_SURROGATES: Final = range(0xD800, 0xE000)


def fold(text: str) -> str:
    """Remove accents and case: "Ångström Łódź" becomes "angstrom lodz"."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text.translate(_FOLDED))


def words(text: str) -> list[str]:
    """Split a text into its folded words; apostrophes do not split."""
    if text.isascii() and text.isprintable():
        return _ASCII_WORD.findall(text.lower().translate(_ASCII_APOSTROPHES))
    folded = _APOSTROPHES.sub("", fold(_APOSTROPHES.sub("", normalise(text))))
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return "".join(char if _is_word_character(char) else " " for char in folded).split()


def name_key(name: str) -> str:
    """Return the key that names are sorted, found by prefix and matched by; "" only for an empty name."""
    return _truncate(" ".join(words(name)) or fold(normalise(name)), NAME_KEY_MAX)


def email_key(email: str) -> str:
    """Return the key that emails are matched by; "" for what is no email address."""
    found = normalise(email).casefold()
    return found[:_EMAIL_KEY_MAX] if "@" in found else ""


def phone_keys(values: Mapping[str, str], country: str) -> tuple[str, ...]:
    """Return the distinct keys that the phones of a contact are matched by.

    Args:
        values: Fields by key.
        country: The business's country, ISO 3166-1 alpha-2, or "".
    """
    written = [phone for key in PHONES.values() if (phone := values.get(key))]
    return tuple(dict.fromkeys(found for phone in written if (found := phone_numbers.key(phone, country))))


def search_text(values: Mapping[str, str], country: str) -> str:
    """Return the distinct words a contact is found by, each after a space; "" when there are none.

    Short fields come first, so that a very long name or email never pushes them out.
    """
    found: list[str] = []
    for key in ("customer_code", "account_number", "company_number"):
        if code := values.get(key):
            found += _code_words(code)
    for key in PHONES.values():
        if phone := values.get(key):
            found += _phone_words(phone, country)
    found += words(" ".join([values.get(key, "") for key in ("name", "first_name", "last_name", "email")]))
    return _join_words(dict.fromkeys(filter(None, found)))


def successor(prefix: str) -> str:
    """Return the first text after all that begin with the prefix, in the order of code points.

    SQLite's BINARY and PostgreSQL's "C" collations have this order.
    """
    kept = prefix.rstrip(_LAST_CODE_POINT)
    if not kept:
        return _LAST_CODE_POINT
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)


def _code_words(code: str) -> list[str]:
    """Return the words that find a code: "L-00017" by its words, by "l00017", "00017" and "17"."""
    found = words(code)
    whole = "".join(found)
    return [*found, whole, *(bare for word in (*found, whole) if word.isdecimal() and (bare := word.lstrip("0")))]


def _phone_words(text: str, country: str) -> list[str]:
    """Return the words that find a number: with and without its country code, and as written where that is neither."""
    written = phone_numbers.digits(text)
    number = phone_numbers.parse(text, country)
    found = [number.e164.removeprefix("+"), number.national_format] if number else []
    if written and not any(written in word for word in found):
        found.append(written)
    return found


def _join_words(found: Iterable[str]) -> str:
    text = " " + " ".join(found)
    if len(text) > SEARCH_TEXT_MAX or not text.isascii():
        text = _truncate(text[:SEARCH_TEXT_MAX], _SEARCH_BYTES_MAX)
    return text.rstrip()


def _truncate(text: str, max_bytes: int) -> str:
    """Truncate a text to a number of bytes of UTF-8, at a whole character."""
    if len(text) * 4 <= max_bytes:
        return text
    return text.encode()[:max_bytes].decode(errors="ignore").rstrip()


def _without_marks(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


class _FoldedCharacters(dict[int, str]):
    """The folded form of each character, computed once: no character depends on its neighbours."""

    def __missing__(self, code: int) -> str:
        folded = _without_marks(_without_marks(chr(code)).casefold().translate(_UNDECOMPOSED))
        if len(self) < _CACHE_MAX:
            self[code] = folded
        return folded


_FOLDED: Final = _FoldedCharacters()


def _is_word_character(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "LN" or kind in {"So", "Mc", "Mn"}
