"""The submitted form of a sale, and what it comes to on the terms of the shop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from posxero.domain.field_rules import parse_date
from posxero.domain.money import ZERO
from posxero.domain.sale_rules import (
    ParsedLine,
    SaleDates,
    SaleRules,
    TypedLine,
    check_reference,
    parse_dates,
    parse_lines,
)
from posxero.domain.text import normalise
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.sales.errors import InvalidSale
from posxero.services.sales.terms import SaleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleForm:
    """A submitted form, as typed.

    Attributes:
        due_on: "" takes the date by the rule of the settings.
        over_limit_reason: Why a manager allows it over the limit; "" where nobody does.
        empty_fields: What to do about fields of the customer that are empty here and filled in Xero.
    """

    lines: Sequence[TypedLine]
    sold_on: str
    due_on: str = ""
    reference: str = ""
    idempotency_key: str = ""
    over_limit_reason: str = ""
    empty_fields: EmptyFields = EmptyFields.ASK


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeContext:
    """Who charges, and in which shop.

    Attributes:
        by: The user's name.
        may_override: Whether the user may go over a customer's limit.
        rules: The day in the shop, and its way to write numbers.
        sales_url: The address of the list of sales, under which each sale has its page.
    """

    by: str
    may_override: bool
    rules: SaleRules
    sales_url: str


@dataclass(frozen=True, slots=True)
class CheckedSale:
    """A form in which nothing is wrong."""

    lines: Sequence[ParsedLine]
    dates: SaleDates
    reference: str

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.amount for line in self.lines), ZERO)


def check(form: SaleForm, rules: SaleRules, terms: SaleTerms) -> CheckedSale:
    """Check a form on the terms of the shop.

    Raises:
        InvalidSale: Something is wrong; says what, by control.
    """
    rules = replace(rules, locked_until=terms.locked_until)
    lines, errors = parse_lines(form.lines, rules)
    sold_on = parse_date(form.sold_on)
    due_on = form.due_on or (terms.due_date(sold_on).isoformat() if sold_on else "")
    dates, wrong_dates = parse_dates(form.sold_on, due_on, rules)
    if sold_on is None and not form.due_on:
        wrong_dates.pop("due_on", None)  # it follows from the other
    errors = {**errors, **wrong_dates, **check_reference(form.reference)}
    if errors or dates is None:
        raise InvalidSale(errors)
    return CheckedSale(lines, dates, normalise(form.reference))
