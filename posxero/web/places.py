"""Countries, currencies and date formats, from the Unicode CLDR of Babel."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError, dates
from babel.numbers import get_territory_currencies
from phonenumbers import SUPPORTED_REGIONS

from posxero.domain.folding import name_key

Choices = tuple[tuple[str, str], ...]  # code, name

OTHER_COUNTRY_NAMES: Final = {  # what people write beside the names of CLDR
    "AU": ("AUS",),
    "CZ": ("Czech Republic",),
    "GB": ("UK", "GBR", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "NL": ("The Netherlands", "Holland"),
    "NZ": ("NZL", "Aotearoa", "Aotearoa New Zealand"),
    "US": ("USA", "U.S.A.", "United States of America"),
}


@cache
def countries() -> Choices:
    """Return the countries with a telephone prefix, sorted by name."""
    names = _locale().territories
    return _sorted_by_name((code, names[code]) for code in SUPPORTED_REGIONS)


@cache
def currencies() -> Choices:
    """Return the currencies in use today, sorted by name."""
    names = _locale().currencies
    used = {currency for code in SUPPORTED_REGIONS for currency in get_territory_currencies(code)}
    return _sorted_by_name((code, names[code]) for code in used)


def country_code(text: str) -> str:
    """Parse the name of a country; return its ISO 3166-1 alpha-2 code, or "" when it is unknown."""
    return _codes().get(name_key(text), "")


def format_date(day: date, country: str) -> str:
    """Return a date as English is written in a country: "24 May 1990", in the US "May 24, 1990".

    Args:
        country: ISO 3166-1 alpha-2, or "".
    """
    return dates.format_date(day, "long", locale=_locale_of(country))


@cache
def _locale_of(country: str) -> Locale:
    try:
        return Locale("en", country) if country else _locale()
    except UnknownLocaleError:
        return _locale()


@cache
def _codes() -> dict[str, str]:
    written = {name: code for code, names in OTHER_COUNTRY_NAMES.items() for name in names}
    named = {name: code for code, name in countries()} | {code: code for code, _ in countries()}
    return {name_key(name): code for name, code in (written | named).items()}


def _locale() -> Locale:
    return Locale("en", "NZ")


def _sorted_by_name(pairs: Iterable[tuple[str, str]]) -> Choices:
    return tuple(sorted(pairs, key=lambda pair: name_key(pair[1])))
