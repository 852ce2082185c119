"""What the value of a field must meet: a rule returns a message in plain words, or "" when all is well.

A kind of field has one (an email address looks like one), and a field may have one of its own (a birthday
is not in the future). No rule forbids an empty value, but the one of Name.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from posxero.domain.kinds import ContactKind
from posxero.domain.phone_numbers import DIGITS_MAX, longest_digit_count

# One address: local part, "@", at least two labels. Xero takes no other letters than ASCII's.
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"{_LOCAL}@(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|xn--[A-Za-z0-9-]{{2,59}})")
_LOCAL_MAX: Final = 64  # characters before the @; RFC 5321, 4.5.3.1.1
_COUNTRY_PUNCTUATION: Final = frozenset(" .'&()-")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BIRTHDAY_MIN: Final = date(1900, 1, 1)  # nobody alive was born earlier


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule may depend on besides the value: the day in the business's time zone, and whose form it is."""

    today: date
    contact_kind: ContactKind = ContactKind.CUSTOMER


Rule = Callable[[str, str, RuleContext], str]  # the field's full label, its value -> the message


def parse_date(value: str) -> date | None:
    """Return the date of YYYY-MM-DD, as a date control of a browser sends it; None when there is no such day."""
    if not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def check_name(_label: str, value: str, context: RuleContext) -> str:
    """Require a name that Xero takes."""
    if not value:
        return f"Enter the {context.contact_kind.one}'s name"
    return "Name cannot contain < or >" if "<" in value or ">" in value else ""


def check_email(_label: str, value: str, _context: RuleContext) -> str:
    """Require one email address in the characters that Xero takes."""
    foreign = next((char for char in value if not char.isascii()), "")
    if foreign:
        noun = "letters" if foreign.isalpha() else "characters"
        return f"Xero does not accept {noun} like {foreign} in an email address"
    if value and (not _EMAIL.fullmatch(value) or value.index("@") > _LOCAL_MAX):
        return "Enter an email address like name@example.com"
    return ""


def check_phone(label: str, value: str, _context: RuleContext) -> str:
    """Require a number that is no longer than any telephone number."""
    count = longest_digit_count(value)
    if count <= DIGITS_MAX:
        return ""
    return f"{label} has {count} digits. Phone numbers have at most {DIGITS_MAX}, including the country code"


def check_country(label: str, value: str, _context: RuleContext) -> str:
    """Require the characters that Xero takes in a country."""
    if all(char in _COUNTRY_PUNCTUATION or unicodedata.category(char)[0] in "LM" for char in value):
        return ""
    return f"{label} can only contain letters, spaces and . ' & ( ) -"


def check_date(label: str, value: str, _context: RuleContext) -> str:
    """Require a day of the calendar."""
    return f"{label} must be a real date, like 1990-12-31" if value and parse_date(value) is None else ""


def check_birthday(label: str, value: str, context: RuleContext) -> str:
    """Require a day on which somebody who is alive may have been born."""
    born = parse_date(value)
    if born is None:
        return ""
    if born > context.today:
        return f"{label} cannot be in the future"
    return f"{label} cannot be before {BIRTHDAY_MIN.year}" if born < BIRTHDAY_MIN else ""
