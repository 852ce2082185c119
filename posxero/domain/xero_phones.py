"""Phones between Retail POS, which keeps one string, and Xero, which keeps three parts."""

from typing import Final, NamedTuple

from posxero.domain.fields import PHONE_MAX
from posxero.domain.text import normalise

_AREA_MAX: Final = 10  # characters; Phone.PhoneAreaCode maxLength in Xero's OpenAPI document 16.1.0
_COUNTRY_MAX: Final = 20  # characters; Phone.PhoneCountryCode maxLength, same document


class PhoneParts(NamedTuple):
    """A number as Xero keeps it."""

    country: str = ""
    area: str = ""
    number: str = ""


def compose(parts: PhoneParts) -> str:
    """Join Xero's parts to the one string that Retail POS keeps."""
    return " ".join(part for part in parts if part.strip())


def parts_to_send(text: str, parts: PhoneParts) -> PhoneParts:
    """Split our string for Xero.

    While it equals the joined parts of Xero, they are returned unchanged; else all of it is
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
