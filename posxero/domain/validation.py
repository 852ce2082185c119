"""What may be saved: nothing that Xero would have to refuse."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Final

from posxero.domain.fields import FIELDS, Field
from posxero.domain.phone_numbers import DIGITS_MAX, most_digits

# One address: local part, "@", at least two labels. Xero takes no other letters than ASCII's.
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{2,59}})")
_LOCAL_MAX: Final = 64  # characters before the @; RFC 5321, 4.5.3.1.1
_COUNTRY_SIGNS: Final = frozenset(" .'&()-")


def check(values: Mapping[str, str], *, changed: Collection[str]) -> dict[str, str]:
    """Check the fields that the user changed; an unchanged imported value is kept as it is.

    Args:
        values: Every field by key, in its one form (`clean`).
        changed: The keys to check; for a new contact, all of them.

    Returns:
        One message in plain words by field key; empty when all is well.
    """
    found = {field.key: _message(field, values.get(field.key, "")) for field in FIELDS if field.key in changed}
    return {key: message for key, message in found.items() if message}


def length(text: str) -> int:
    """Count UTF-16 units, as browsers and Xero do: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _message(field: Field, value: str) -> str:
    long = length(value)
    if long > field.max_length:
        return f"{field.full_label} must be {field.max_length} characters or fewer. It is {long} characters now"
    rule = _phone if field.input == "tel" else _RULES.get(field.label)
    return rule(field, value) if rule else ""


def _name(_: Field, value: str) -> str:
    if not value:
        return "Enter the customer's name"
    if "<" in value or ">" in value:
        return "Name cannot contain < or >"
    return ""


def _email(_: Field, value: str) -> str:
    strange = next((char for char in value if not char.isascii()), "")
    if strange:
        kind = "letters" if strange.isalpha() else "characters"
        return f"Xero does not accept {kind} like {strange} in an email address"
    if value and (not _EMAIL.fullmatch(value) or value.index("@") > _LOCAL_MAX):
        return "Enter an email address like name@example.com"
    return ""


def _phone(field: Field, value: str) -> str:
    count = most_digits(value)
    if count <= DIGITS_MAX:
        return ""
    return f"{field.label} has {count} digits. Phone numbers have at most {DIGITS_MAX}, including the country code"


def _country(field: Field, value: str) -> str:
    if all(char in _COUNTRY_SIGNS or unicodedata.category(char)[0] in "LM" for char in value):
        return ""
    return f"{field.full_label} can only contain letters, spaces and . ' & ( ) -"


_RULES: Final[dict[str, Callable[[Field, str], str]]] = {"Name": _name, "Email": _email, "Country": _country}
