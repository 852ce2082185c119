"""Format amounts for pages, and tell how a country writes numbers, from the Unicode CLDR of Babel."""

from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import format_currency, get_decimal_symbol
from flask import Flask, g

from posxero.domain.money import CENT


def init_app(app: Flask) -> None:
    """Register the filters for templates."""
    for template_filter in (money, quantity):
        app.add_template_filter(template_filter)


def money(amount: Decimal, currency: str = "") -> str:
    """Format an amount with the sign of its currency: "$1,234.50".

    Args:
        amount: Exact.
        currency: ISO 4217; "" is the business's.
    """
    code = currency or g.business.currency
    if not code:
        return f"{amount:,.2f}"
    return format_currency(amount.quantize(CENT), code, locale=_english_of(g.business.country), currency_digits=False)


def quantity(number: Decimal) -> str:
    """Format a quantity without trailing zeros: "2", "0.5"; "0,5" where the country writes it so."""
    return _with_sign(f"{number.normalize():f}")


def typed_amount(amount: Decimal | None) -> str:
    """Return an amount as a person of the shop's country types it: "1234.50"; "" for none."""
    return "" if amount is None else _with_sign(f"{amount.quantize(CENT):f}")


@cache
def writes_decimal_comma(country: str) -> bool:
    """Return whether a country writes 12,50.

    Args:
        country: ISO 3166-1 alpha-2, or "".
    """
    languages = get_official_languages(country, regional=False, de_facto=True) if country else ()
    for language in languages:
        try:
            return get_decimal_symbol(Locale(language, country)) == ","
        except UnknownLocaleError:
            continue
    return False


def _with_sign(digits: str) -> str:
    """Return digits with the decimal sign of the shop's country."""
    return digits.replace(".", ",") if writes_decimal_comma(g.business.country) else digits


@cache
def _english_of(country: str) -> Locale:
    try:
        return Locale("en", country or "NZ")
    except UnknownLocaleError:
        return Locale("en", "NZ")
