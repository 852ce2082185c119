"""Phone numbers on screen: one format for each number, however it was typed."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from posxero.domain.phone_numbers import Number, parse

_NUMBER_ONLY: Final = re.compile(r"[0-9(). /+-]+")  # nothing that would be lost when the number is reformatted
_EXTENSION: Final = re.compile(r"(.*\d)\s*(?:extension|extn?\.?|x|#)\s*(\d{1,7})", re.IGNORECASE)


@lru_cache(maxsize=8192)
def format_phone(text: str, country: str) -> str:
    """Return a number as it is written in its country, with the country's code where that is not `country`.

    What is no number, or more than a number ("021 555 0002, ask for Ria"), is returned as it is.

    Args:
        text: The number as it was typed.
        country: The business's, ISO 3166-1 alpha-2, or "": then every number keeps its country's code.
    """
    number, extension = _parse_with_extension(text, country)
    if number is None:
        return text
    at_home = number.country_code == phonenumbers.country_code_for_region(country)
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    written = phonenumbers.format_number(_phone_number_of(number), style)
    # No rule of the country fits it: its first 0 would be lost, or another one added.
    if written == number.national or parse(written, country) != number:
        return text
    return written + (f" ext. {extension}" if extension else "")


def dial_string(text: str, country: str) -> str:
    """Return what a telephone dials for a number, as a `tel:` address has it (RFC 3966)."""
    number, extension = _parse_with_extension(text, country)
    if number is None:
        return "".join(text.split())
    return number.e164 + (f";ext={extension}" if extension else "")


def _parse_with_extension(text: str, country: str) -> tuple[Number | None, str]:
    found = _EXTENSION.fullmatch(text.strip())
    main, extension = found.groups() if found else (text.strip(), "")
    return (parse(main, country) if _NUMBER_ONLY.fullmatch(main) else None), extension


def _phone_number_of(number: Number) -> PhoneNumber:
    digits = number.national
    zeros = len(digits) - len(digits.lstrip("0"))  # Italy's numbers begin with one that is dialled
    return PhoneNumber(
        country_code=number.country_code,
        national_number=int(digits),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
