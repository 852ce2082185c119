"""The lines of a postal address, in the order that its country uses."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AddressPart(StrEnum):
    """One part of an address."""

    LINE1 = "line1"
    LINE2 = "line2"
    LINE3 = "line3"
    LINE4 = "line4"
    CITY = "city"
    REGION = "region"
    POSTCODE = "postcode"
    COUNTRY = "country"


LINES: Final = (AddressPart.LINE1, AddressPart.LINE2, AddressPart.LINE3, AddressPart.LINE4)
# Countries whose postcode stands before the town (Universal Postal Union, addressing systems by country).
POSTCODE_FIRST: Final = (
    "AD AT BE BG CH CY CZ DE DK EE ES FI FO FR GL GR HR HU IS IT LI LT LU MC MY NL NO PL PT RO RS SE SI"
)
POSTCODE_ALONE: Final = {"GB", "GG", "GI", "IE", "IM", "JE"}  # town, county and postcode each on a line
REGION_AFTER_SPACE: Final = {"AU", "CA"}  # "Sydney NSW 2000", but "Austin, TX 78701"


def address_lines(parts: Mapping[str, str], *, country: str, abroad: bool) -> list[str]:
    """Return the lines of an address.

    Args:
        parts: Text by `AddressPart`, the country in words; any may be missing or empty.
        country: Whose order it follows, ISO 3166-1 alpha-2, or "".
        abroad: Put the country on the last line; at home it is left out.
    """
    given = {key: value.strip() for key, value in parts.items()}
    lines = [given.get(key, "") for key in LINES]
    lines += _town_lines(given.get("city", ""), given.get("region", ""), given.get("postcode", ""), country)
    lines.append(given.get("country", "") if abroad else "")
    return [line for line in lines if line]


def _town_lines(city: str, region: str, postcode: str, country: str) -> list[str]:
    if region.casefold() == city.casefold():
        region = ""
    if country in POSTCODE_ALONE:
        return [city, region, postcode]
    if country in POSTCODE_FIRST.split():
        return [f"{postcode} {city}".strip(), region]
    separator = " " if country in REGION_AFTER_SPACE else ", "
    return [f"{separator.join(part for part in (city, region) if part)} {postcode}".strip()]
