"""Exact amounts of money: how they are typed, rounded and taxed. Never a float."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal(0)
MAX_TYPED: Final = 40  # characters; a longer text is no number that anybody means
_CURRENCY_SIGNS: Final = "$€£¥"


def to_cents(amount: Decimal) -> Decimal:
    """Round an amount half-up to the cent, as Xero rounds a line."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Return what a line comes to, rounded half-up to the cent."""
    return to_cents(quantity * unit_price)


def included_tax(amount: Decimal, rate: Decimal) -> Decimal:
    """Return the tax that an amount includes, rounded half-up to the cent.

    Args:
        rate: In percent.
    """
    return to_cents(amount * rate / (100 + rate))


def parse_decimal(text: str, *, decimal_comma: bool = False) -> Decimal | None:
    """Parse a number as a person types it: "1,234.50", "$12.50", "0.5"; None when it is none.

    Args:
        text: As typed. Spaces and a currency sign before it are allowed.
        decimal_comma: The country writes 1.234,50. A point is then a decimal sign only where it groups nothing.
    """
    written = "".join(text.split()).lstrip(_CURRENCY_SIGNS)
    if len(written) > MAX_TYPED:
        return None
    if _PATTERNS[decimal_comma].fullmatch(written):
        group, sign = (".", ",") if decimal_comma else (",", ".")
        return Decimal(written.replace(group, "").replace(sign, "."))
    if decimal_comma and _PLAIN.fullmatch(written):
        return Decimal(written)
    return None


def decimal_places(number: Decimal) -> int:
    """Count the digits after the decimal sign that are not trailing zeros."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _pattern(group: str, sign: str) -> re.Pattern[str]:
    return re.compile(rf"-?(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)(?:{sign}[0-9]*)?|-?{sign}[0-9]+")


_PLAIN: Final = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+)")
_PATTERNS: Final = {False: _pattern(",", r"\."), True: _pattern(r"\.", ",")}
