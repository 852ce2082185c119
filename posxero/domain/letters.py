"""An address as it stands on a letter."""

from collections.abc import Mapping
from typing import Final

LINES: Final = ("line1", "line2", "line3", "line4")
# Countries whose postcode stands before the town (Universal Postal Union, addressing systems by country).
POSTCODE_FIRST: Final = (
    "AD AT BE BG CH CY CZ DE DK EE ES FI FO FR GL GR HR HU IS IT LI LT LU MC MY NL NO PL PT RO RS SE SI"
)
POSTCODE_ALONE: Final = {"GB", "GG", "GI", "IE", "IM", "JE"}  # town, county and postcode each on a line
STATE_UNMARKED: Final = {"AU", "CA"}  # "Sydney NSW 2000", but "Austin, TX 78701"


def letter_lines(parts: Mapping[str, str], *, country: str, abroad: bool) -> list[str]:
    """Return the lines of an address.

    Args:
        parts: line1 to line4, city, region, postcode and country (in words); any may be missing or empty.
        country: Whose habits it follows, ISO 3166-1 alpha-2, or "".
        abroad: The country stands on the last line. At home it does not.
    """
    given = {key: value.strip() for key, value in parts.items()}
    lines = [given.get(key, "") for key in LINES]
    lines += _town(given.get("city", ""), given.get("region", ""), given.get("postcode", ""), country)
    lines.append(given.get("country", "") if abroad else "")
    return [line for line in lines if line]


def _town(city: str, region: str, postcode: str, country: str) -> list[str]:
    if region.casefold() == city.casefold():
        region = ""
    if country in POSTCODE_ALONE:
        return [city, region, postcode]
    if country in POSTCODE_FIRST.split():
        return [f"{postcode} {city}".strip(), region]
    between = " " if country in STATE_UNMARKED else ", "
    return [f"{between.join(part for part in (city, region) if part)} {postcode}".strip()]
