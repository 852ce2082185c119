"""Phone numbers: Xero keeps three parts, Retail POS one string."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers

from posxero.domain.fields import PHONE_MAX
from posxero.domain.normalise import normalise

_AREA_MAX: Final = 10  # characters; Phone.PhoneAreaCode maxLength in Xero's OpenAPI document 16.1.0
_COUNTRY_MAX: Final = 20  # characters; Phone.PhoneCountryCode maxLength, same document
_TRUNK: Final = re.compile(r"\(\s*0\s*\)")  # "+64 (0)21 …": dialled only inside the country
_TAIL: Final = 8  # digits; what two ways of writing a number share when its country is not known
_TAIL_MIN: Final = 6  # digits; fewer is a short number or an extension, which says nothing about who has it


class PhoneParts(NamedTuple):
    """A number as Xero keeps it."""

    country: str = ""
    area: str = ""
    number: str = ""


def compose(parts: PhoneParts) -> str:
    """Write Xero's parts as the one string that Retail POS keeps."""
    return " ".join(part for part in parts if part.strip())


def parts_to_send(text: str, parts: PhoneParts) -> PhoneParts:
    """Split our string for Xero.

    While it still says what Xero's parts say, they go back unchanged; else all of it is
    the number. Only an imported string longer than Xero takes in one part is split.
    """
    if normalise(text) == normalise(compose(parts)):
        return parts
    if len(text) <= PHONE_MAX:
        return PhoneParts(number=text)
    country, _, rest = text.partition(" ")
    area, _, number = rest.partition(" ")
    if number and len(country) <= _COUNTRY_MAX and len(area) <= _AREA_MAX:
        return PhoneParts(country, area, number)
    return PhoneParts(number=text)


def digits(text: str) -> str:
    """Keep the digits, as ASCII's, without the leading zeros of trunk and international prefixes."""
    found = _TRUNK.sub("", text)
    if not found.isascii():
        found = "".join(str(int(char)) if char.isdecimal() else char for char in found)
    return re.sub("[^0-9]", "", found).lstrip("0")


@lru_cache(maxsize=8192)
def international(text: str, country: str) -> str:
    """Write a number as E.164 ("+64215550002"), or "" when it is none that a phone could call.

    Args:
        text: A number as a person wrote it.
        country: Where a number without a country code belongs, ISO 3166-1 alpha-2, or "".
    """
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def key(text: str, country: str) -> str:
    """Give what two ways of writing one number share: E.164, else the last eight digits, else ""."""
    found = international(text, country)
    if found:
        return found
    tail = digits(text)[-_TAIL:]
    return tail if len(tail) >= _TAIL_MIN else ""
