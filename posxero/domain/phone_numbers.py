"""Reading phone numbers: which country, and which number there."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

_USUAL: Final = re.compile(r"\+?[0-9(). -]+")
_TAIL: Final = 8  # digits; what two ways of writing a number share when its country is not known
_TAIL_MIN: Final = 6  # digits; fewer is a short number or an extension, which says nothing about who has it
_NO_DIGITS: Final = re.compile("[^0-9]+")
_SIGNS: Final = str.maketrans("", "", "(). -")
DIGITS_MAX: Final = 15  # of any number, its country code among them; ITU-T E.164, 6.1
_OTHER_SIGNS: Final = re.compile(r"[^\d+(). -]+")  # what parts one number from an extension or from another number
_TRUNK_WITHIN: Final = re.compile(r"\(\s*0\s*\)")  # "+64 (0)21 …": dialled only inside the country


class Number(NamedTuple):
    """A number that a phone could call."""

    country_code: int
    national: str  # digits after the country code

    @property
    def e164(self) -> str:
        """Write it with its country code: "+64215550002"."""
        return f"+{self.country_code}{self.national}"

    @property
    def dialled(self) -> str:
        """Write it as dialled inside its country: "0215550002"."""
        return _trunk(self.country_code) + self.national


class _Plan(NamedTuple):
    """What of a country's numbering plan decides the usual ways of writing."""

    country_code: str
    trunk: re.Pattern[str]  # what is dialled before a number inside
    outward: re.Pattern[str]  # what is dialled to call abroad
    number: re.Pattern[str]  # any number inside, without trunk


def digits(text: str) -> str:
    """Keep the digits, as ASCII's; a trunk zero in brackets is not one of them."""
    found = _TRUNK_WITHIN.sub("", text) if "(" in text else text
    if not found.isascii():
        found = "".join(str(int(char)) if char.isdecimal() else char for char in found)
    return _NO_DIGITS.sub("", found)


def most_digits(text: str) -> int:
    """Count the digits of the longest number in a text, without the zeros that are dialled before it."""
    return max(len(digits(part).lstrip("0")) for part in _OTHER_SIGNS.split(text))


@lru_cache(maxsize=8192)
def read(text: str, country: str) -> Number | None:
    """Read a number as a person wrote it; None when no phone could call it.

    Args:
        text: The number.
        country: Where a number without a country code belongs, ISO 3166-1 alpha-2, or "".
    """
    if not text:
        return None
    return _usual(text, country) or _any(text, country)


def key(text: str, country: str) -> str:
    """Give what two ways of writing one number share: E.164, else the last eight digits, else ""."""
    found = read(text, country)
    if found:
        return found.e164
    tail = digits(text)[-_TAIL:]
    return tail if len(tail) >= _TAIL_MIN else ""


def _usual(text: str, country: str) -> Number | None:
    """Read the ways of writing that need no thought, five times faster; None leaves it to `_any`."""
    plan = _plan(country)
    if plan is None or not _USUAL.fullmatch(text) or _TRUNK_WITHIN.search(text):
        return None
    written = text.translate(_SIGNS)
    code = plan.country_code
    if written.startswith("+" + code):
        national = written[len(code) + 1 :]
    elif written.startswith("+") or plan.outward.match(written):
        return None
    elif written.startswith(code):  # "64 9 …", as Xero keeps it; unless it may be a number inside
        if plan.number.fullmatch(written):
            return None
        national = written[len(code) :]
    else:
        national = plan.trunk.sub("", written, count=1)
    if plan.trunk.match(national) or not plan.number.fullmatch(national):
        return None
    return Number(int(code), national)


def _any(text: str, country: str) -> Number | None:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code is None or not phonenumbers.is_possible_number(number):
        return None
    return Number(number.country_code, phonenumbers.national_significant_number(number))


def is_country(code: str) -> bool:
    """Return whether a code (ISO 3166-1 alpha-2, upper case) is that of a country with telephones."""
    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=300)
def _plan(country: str) -> _Plan | None:
    found = PhoneMetadata.metadata_for_region(country) if country else None
    if found is None:
        return None
    number = found.general_desc.national_number_pattern if found.general_desc else None
    patterns = (found.national_prefix_for_parsing, found.international_prefix, number)
    return _Plan(
        str(found.country_code), *(re.compile(f"^(?:{pattern})" if pattern else "(?!)") for pattern in patterns)
    )


@lru_cache(maxsize=300)
def _trunk(country_code: int) -> str:
    found = PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_country_code(country_code))
    return (found.national_prefix or "") if found else ""
