from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posxero.domain.sale_rules import (
    ParsedLine,
    SaleDates,
    SaleRules,
    TypedLine,
    check_reference,
    parse_dates,
    parse_lines,
    parse_readable_lines,
)
from posxero.domain.sale_terms import DueRule, due_date

RULES = SaleRules(today=date(2026, 11, 26), locked_until=date(2026, 3, 31))


@pytest.mark.parametrize(
    ("price", "quantity", "control", "message"),
    [
        ("0", "1", "price-0", "Price must be more than 0"),
        ("-1", "1", "price-0", "Price must be more than 0"),
        ("ten", "1", "price-0", "Enter a price like 12.50"),
        ("", "1", "price-0", "Enter a price like 12.50"),
        ("1e9", "1", "price-0", "Enter a price like 12.50"),
        ("1000000000", "1", "price-0", "Price can be at most 9,999,999.99"),
        ("1.2345678", "1", "price-0", "Price can have at most 2 decimals"),
        ("1", "0", "quantity-0", "Quantity must be more than 0"),
        ("1", "-2", "quantity-0", "Quantity must be more than 0"),
        ("1", "two", "quantity-0", "Enter a quantity like 1 or 2"),
        ("1", "1.2345678", "quantity-0", "Quantity can have at most 4 decimals"),
        ("0.01", "0.0001", "price-0", "This line comes to 0.00. Enter a higher price or quantity"),
        ("9999999.99", "2", "price-0", "A line can come to at most 9,999,999.99"),
    ],
)
def test_a_wrong_number_is_named_beside_its_control(price: str, quantity: str, control: str, message: str) -> None:
    lines, errors = parse_lines([TypedLine("Socks", price, quantity)], RULES)
    assert (lines, errors) == ([], {control: message})


def test_blank_lines_are_left_out_but_one_must_be_filled() -> None:
    socks, blank = TypedLine("Socks", "12.50", ""), TypedLine("", " ", "1")
    assert parse_lines([blank, socks, blank], RULES) == ([ParsedLine("Socks", Decimal(1), Decimal("12.50"))], {})
    assert parse_lines([blank, blank], RULES)[1] == {"description-0": "Enter what was sold"}
    assert set(parse_lines([blank], RULES)[1]) == {"description-0", "price-0"}


def test_a_description_has_at_most_4000_characters_of_any_script() -> None:
    for kept in ("x" * 4000, "🧦" * 2000, '=HYPERLINK("http://a")', "שלום", "two\nlines"):
        (line,), errors = parse_lines([TypedLine(kept, "1")], RULES)
        assert (line.description, errors) == (kept, {})
    _, errors = parse_lines([TypedLine("x" * 4001, "1")], RULES)
    assert errors == {"description-0": "Description has 4,001 characters. It can have at most 4,000"}


def test_a_total_counts_the_lines_that_can_be_read() -> None:
    typed = [TypedLine("", "12.50", "2"), TypedLine("Socks", "ten", "1"), TypedLine("", "", "1")]
    assert [line.amount for line in parse_readable_lines(typed, RULES)] == [Decimal("25.00")]


@pytest.mark.parametrize(
    ("sold_on", "due_on", "control", "start"),
    [
        ("2026-02-29", "2026-12-20", "sold_on", "Date must be a real date"),
        ("", "2026-12-20", "sold_on", "Date must be a real date"),
        ("2026-11-26", "soon", "due_on", "Due date must be a real date"),
        ("2026-11-26", "2026-11-25", "due_on", "Due date cannot be before"),
        ("2026-03-31", "2026-12-20", "sold_on", "The books in Xero are locked up to 31 March 2026"),
        ("2027-12-31", "2028-01-20", "sold_on", "Date cannot be more than a year ahead"),
    ],
)
def test_a_wrong_date_is_named_beside_its_control(sold_on: str, due_on: str, control: str, start: str) -> None:
    dates, errors = parse_dates(sold_on, due_on, RULES)
    assert dates is None
    assert list(errors) == [control]
    assert errors[control].startswith(start)


def test_the_day_after_a_lock_date_and_leap_days_are_good() -> None:
    april = SaleDates(date(2026, 4, 1), date(2026, 4, 1))
    assert parse_dates("2026-04-01", "2026-04-01", RULES) == (april, {})
    leap = SaleRules(today=date(2028, 2, 29))
    assert parse_dates("2028-02-29", "2028-03-20", leap)[1] == {}


def test_a_reference_has_at_most_255_characters() -> None:
    assert check_reference("x" * 255) == {}
    assert list(check_reference("x" * 256)) == ["reference"]


@pytest.mark.parametrize(
    ("sold_on", "rule", "days", "due"),
    [
        (date(2026, 11, 26), DueRule.AFTER_SALE, 20, date(2026, 12, 16)),
        (date(2026, 11, 26), DueRule.AFTER_MONTH, 20, date(2026, 12, 20)),
        (date(2028, 2, 29), DueRule.AFTER_SALE, 366, date(2029, 3, 1)),
        (date(2026, 1, 31), DueRule.AFTER_MONTH, 28, date(2026, 2, 28)),
        (date(2026, 4, 5), DueRule.AFTER_SALE, 0, date(2026, 4, 5)),  # the end of daylight saving time in Auckland
        (date.max, DueRule.AFTER_SALE, 30, date.max),
    ],
)
def test_a_sale_is_due_by_its_rule(sold_on: date, rule: DueRule, days: int, due: date) -> None:
    assert due_date(sold_on, rule, days) == due


@given(st.dates(), st.sampled_from(list(DueRule)), st.integers(min_value=0, max_value=366))
def test_no_sale_is_due_before_it_was_made(sold_on: date, rule: DueRule, days: int) -> None:
    assert sold_on <= due_date(sold_on, rule, days)
    assert due_date(sold_on, rule, days) - sold_on <= timedelta(days=days + 31)


@given(st.text(), st.text(), st.text())
def test_whatever_is_typed_is_a_line_or_an_error(description: str, price: str, quantity: str) -> None:
    lines, errors = parse_lines([TypedLine(description, price, quantity)], RULES)
    assert bool(lines) != bool(errors)
    for line in lines:
        assert Decimal(0) <= line.tax(Decimal(15)) <= line.amount
