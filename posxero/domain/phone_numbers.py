"""Parse phone numbers: the country, and the national number."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

_COMMON: Final = re.compile(r"\+?[0-9(). -]+")
_SUFFIX_LENGTH: Final = 8  # digits; what two spellings of a number share when its country is not known
_SUFFIX_MIN: Final = 6  # digits; fewer is a short number or an extension, which says nothing about who has it
_NON_DIGITS: Final = re.compile("[^0-9]+")
_PUNCTUATION: Final = str.maketrans("", "", "(). -")
DIGITS_MAX: Final = 15  # of any number, its country code among them; ITU-T E.164, 6.1
_SEPARATORS: Final = re.compile(r"[^\d+(). -]+")  # what separates a number from an extension or another number
# Spaces, brackets, dots and dashes of any sort.
_FORMATTING: Final = re.compile(r"[\s().[\]{}\-\u2010-\u2015\u2212\ufe63\uff0d]+")
_TRUNK_IN_BRACKETS: Final = re.compile(r"\(\s*0\s*\)")  # "+64 (0)21 …": dialled only inside the country


class Number(NamedTuple):
    """A number that a phone could call."""

    country_code: int
    national: str  # digits after the country code

    @property
    def e164(self) -> str:
        """Return the number with its country code: "+64215550002"."""
        return f"+{self.country_code}{self.national}"

    @property
    def national_format(self) -> str:
        """Return the number as dialled inside its country: "0215550002"."""
        return _trunk(self.country_code) + self.national


class _Plan(NamedTuple):
    """The parts of a country's numbering plan that decide the common formats."""

    country_code: str
    trunk: re.Pattern[str]  # what is dialled before a national number
    outward: re.Pattern[str]  # what is dialled to call abroad
    number: re.Pattern[str]  # any national number, without the trunk prefix


def digits(text: str) -> str:
    """Return the digits as ASCII; a trunk zero in brackets is not one of them."""
    found = _TRUNK_IN_BRACKETS.sub("", text) if "(" in text else text
    if not found.isascii():
        found = "".join(str(int(char)) if char.isdecimal() else char for char in found)
    return _NON_DIGITS.sub("", found)


def longest_digit_count(text: str) -> int:
    """Count the digits of the longest number in a text, without the zeros that are dialled before it."""
    return max(len(digits(part).lstrip("0")) for part in _SEPARATORS.split(text))


def is_same_number(one: str, other: str) -> bool:
    """Return whether two texts are one number, or both none, written with other spaces, dashes, dots or brackets."""
    return one == other or _FORMATTING.sub("", one) == _FORMATTING.sub("", other)


@lru_cache(maxsize=8192)
def parse(text: str, country: str) -> Number | None:
    """Parse a number as a person wrote it; None when no phone could call it.

    Args:
        text: The number.
        country: Where a number without a country code belongs, ISO 3166-1 alpha-2, or "".
    """
    if not text:
        return None
    return _parse_common(text, country) or _parse_any(text, country)


@lru_cache(maxsize=8192)
def key(text: str, country: str) -> str:
    """Return the key by which two spellings of one number match: E.164, else the last eight digits, else ""."""
    found = parse(text, country)
    if found:
        return found.e164
    tail = digits(text)[-_SUFFIX_LENGTH:]
    return tail if len(tail) >= _SUFFIX_MIN else ""


def _parse_common(text: str, country: str) -> Number | None:
    """Parse the common formats, five times faster than `_parse_any`; None leaves the number to it."""
    plan = _plan(country)
    if plan is None or not _COMMON.fullmatch(text) or ("(" in text and _TRUNK_IN_BRACKETS.search(text)):
        return None
    written = text.translate(_PUNCTUATION)
    code = plan.country_code
    if written.startswith("+" + code):
        national = written[len(code) + 1 :]
    elif written.startswith("+") or plan.outward.match(written):
        return None
    elif written.startswith(code):  # "64 9 …", as Xero keeps it; unless it may be a national number
        if plan.number.fullmatch(written):
            return None
        national = written[len(code) :]
    else:
        national = plan.trunk.sub("", written, count=1)
    if plan.trunk.match(national) or not plan.number.fullmatch(national):
        return None
    return Number(int(code), national)


def _parse_any(text: str, country: str) -> Number | None:
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
