"""Round and tax amounts as Xero does: half up, line by line."""

from decimal import ROUND_HALF_UP, Decimal

from posxero.practice.invoices.models import EXCLUSIVE, INCLUSIVE, ZERO

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
ONE = Decimal(1)
HUNDRED = Decimal(100)


def round_cents(amount: Decimal) -> Decimal:
    """Round to cents, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def round_unit_amount(amount: Decimal, places: int) -> Decimal:
    """Round a unit amount to the decimal places of the request's unitdp: 2, or 4 if it was 4."""
    return amount.quantize(ONE.scaleb(-places), ROUND_HALF_UP)


def round_quantity(quantity: Decimal) -> Decimal:
    """Round a quantity to four decimals."""
    return quantity.quantize(FOUR_PLACES, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_amount: Decimal, discount_rate: Decimal, discount_amount: Decimal) -> Decimal:
    """Return the amount of a line after its discount, which is a percentage or an amount."""
    gross = quantity * unit_amount
    return round_cents(gross - discount_amount if discount_amount else gross * (ONE - discount_rate / HUNDRED))


def line_tax(amount: Decimal, rate: Decimal, line_amount_types: str) -> Decimal:
    """Return the tax in or on an amount; `rate` is a percentage."""
    if line_amount_types == EXCLUSIVE:
        return round_cents(amount * rate / HUNDRED)
    if line_amount_types == INCLUSIVE:
        return round_cents(amount * rate / (HUNDRED + rate))
    return ZERO
