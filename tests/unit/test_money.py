from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posxero.domain.money import decimal_places, included_tax, line_amount, parse_decimal, to_cents

CENTS = st.integers(min_value=0, max_value=10**9).map(lambda cents: Decimal(cents).scaleb(-2))
QUANTITIES = st.integers(min_value=1, max_value=10**8).map(lambda units: Decimal(units).scaleb(-4))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12.50", "12.50"),
        (" $12.5 ", "12.5"),
        ("1,234.50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("12.", "12"),
        (".5", "0.5"),
        ("-3", "-3"),
        ("1e9", None),
        ("12,50", None),
        ("1,23", None),
        ("1.2.3", None),
        ("twelve", None),
        ("", None),
        ("١٢", None),
        ("9" * 41, None),
    ],
)
def test_a_price_is_read_as_it_is_typed(typed: str, number: str | None) -> None:
    assert parse_decimal(typed) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12,50", "12.50"),
        ("1.234,50", "1234.50"),
        ("1.234", "1234"),
        ("12.50", "12.50"),
        ("1,234.50", None),
    ],
)
def test_a_comma_is_a_decimal_sign_where_the_country_writes_it_so(typed: str, number: str | None) -> None:
    assert parse_decimal(typed, decimal_comma=True) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("amount", "tax"), [("541.25", "70.60"), ("500.00", "65.22"), ("0.00", "0.00"), ("0.01", "0.00")]
)
def test_tax_is_that_of_the_recorded_invoices(amount: str, tax: str) -> None:
    assert included_tax(Decimal(amount), Decimal(15)) == Decimal(tax)


def test_half_a_cent_is_rounded_up() -> None:
    assert to_cents(Decimal("2.165")) == Decimal("2.17")
    assert line_amount(Decimal("0.5"), Decimal("0.01")) == Decimal("0.01")
    assert line_amount(Decimal("0.3333"), Decimal("3.00")) == Decimal("1.00")


@given(QUANTITIES, CENTS)
def test_a_line_is_at_most_half_a_cent_off(quantity: Decimal, price: Decimal) -> None:
    amount = line_amount(quantity, price)
    assert decimal_places(amount) <= 2
    assert abs(amount - quantity * price) <= Decimal("0.005")


@given(CENTS, st.integers(min_value=0, max_value=100_0000).map(lambda rate: Decimal(rate).scaleb(-4)))
def test_included_tax_is_part_of_the_amount(amount: Decimal, rate: Decimal) -> None:
    tax = included_tax(amount, rate)
    assert Decimal(0) <= tax <= amount
    assert decimal_places(tax) <= 2


@given(CENTS)
def test_what_is_written_is_read_again_in_every_country(amount: Decimal) -> None:
    written = f"{amount:,.2f}"
    assert parse_decimal(written) == amount
    swapped = written.translate(str.maketrans(",.", ".,"))
    assert parse_decimal(swapped, decimal_comma=True) == amount
