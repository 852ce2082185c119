"""What a sale on account must meet before it is saved. Messages are for the person who types it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from posxero.domain.field_rules import parse_date
from posxero.domain.money import CENT, ZERO, decimal_places, included_tax, line_amount, parse_decimal
from posxero.domain.text import normalise, normalise_lines, utf16_length

MAX_DESCRIPTION: Final = 4000  # UTF-16 units; LineItem.Description, Xero's OpenAPI document 16.1.0
MAX_REFERENCE: Final = 255  # UTF-16 units; Invoice.Reference, the same document
QUANTITY_PLACES: Final = 4  # LineItem.Quantity, the same document
PRICE_PLACES: Final = 2  # LineItem.UnitAmount without ?unitdp=4, the same document
MAX_NUMBER: Final = Decimal("9999999.99")  # of a quantity, a price and a line
MAX_LINES: Final = 100
MAX_AHEAD: Final = timedelta(days=366)  # of the date of a sale
EARLIEST: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line of the form, as typed."""

    description: str = ""
    price: str = ""
    quantity: str = ""

    @property
    def is_blank(self) -> bool:
        """Return whether nothing was typed into it; a quantity stands there from the first."""
        return not self.description.strip() and not self.price.strip()


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One line of a sale; `unit_price` includes tax."""

    description: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """What it comes to, to the cent."""
        return line_amount(self.quantity, self.unit_price)

    def tax(self, rate: Decimal) -> Decimal:
        """Return the tax that its amount includes, by a rate in percent."""
        return included_tax(self.amount, rate)


@dataclass(frozen=True, slots=True)
class SaleRules:
    """What the rules depend on: the day in the shop, its way to write numbers, and Xero's lock date."""

    today: date
    decimal_comma: bool = False
    locked_until: date | None = None


@dataclass(frozen=True, slots=True)
class SaleDates:
    """The date and the due date of a sale."""

    sold_on: date
    due_on: date


def parse_lines(typed: Sequence[TypedLine], rules: SaleRules) -> tuple[list[ParsedLine], dict[str, str]]:
    """Parse the lines that are not blank; return them, and what is wrong by control ("price-0")."""
    lines: list[ParsedLine] = []
    errors: dict[str, str] = {}
    for index, one in enumerate(typed):
        if one.is_blank and (index or len(typed) > 1):
            continue
        found = _line_errors(one, index, rules)
        errors |= found
        if not found:
            lines.append(_line(one, rules))
    if not lines and not errors:
        errors = {"description-0": "Enter what was sold"}
    return lines, errors


def parse_readable_lines(typed: Sequence[TypedLine], rules: SaleRules) -> list[ParsedLine]:
    """Parse the lines whose numbers can be read, for a total while somebody types."""
    priced = [one for one in typed if not _number_errors(one, 0, rules)]
    return [_line(one, rules) for one in priced]


def parse_dates(sold_on: str, due_on: str, rules: SaleRules) -> tuple[SaleDates | None, dict[str, str]]:
    """Parse both dates; return them, and what is wrong by control."""
    errors: dict[str, str] = {}
    sold, due = parse_date(sold_on), parse_date(due_on)
    if sold is None:
        errors["sold_on"] = "Date must be a real date, like 2026-11-30"
    elif message := _date_error(sold, rules):
        errors["sold_on"] = message
    if due is None:
        errors["due_on"] = "Due date must be a real date, like 2026-12-20"
    elif sold is not None and due < sold:
        errors["due_on"] = "Due date cannot be before the date of the sale"
    return (SaleDates(sold, due) if sold and due and not errors else None), errors


def check_reference(reference: str) -> Mapping[str, str]:
    """Return what is wrong with a reference."""
    too_long = utf16_length(normalise(reference)) > MAX_REFERENCE
    return {"reference": f"Reference can have at most {MAX_REFERENCE} characters"} if too_long else {}


def _line(one: TypedLine, rules: SaleRules) -> ParsedLine:
    quantity = parse_decimal(one.quantity or "1", decimal_comma=rules.decimal_comma)
    price = parse_decimal(one.price, decimal_comma=rules.decimal_comma)
    return ParsedLine(normalise_lines(one.description), quantity or ZERO, price or ZERO)


def _line_errors(one: TypedLine, index: int, rules: SaleRules) -> dict[str, str]:
    errors: dict[str, str] = {}
    description = normalise_lines(one.description)
    if not description.strip():
        errors[f"description-{index}"] = "Enter what was sold"
    elif utf16_length(description) > MAX_DESCRIPTION:
        length = utf16_length(description)
        errors[f"description-{index}"] = f"Description has {length:,} characters. It can have at most 4,000"
    return errors | _number_errors(one, index, rules)


def _number_errors(one: TypedLine, index: int, rules: SaleRules) -> dict[str, str]:
    price = _number_error("Price", one.price, PRICE_PLACES, rules)
    quantity = _number_error("Quantity", one.quantity or "1", QUANTITY_PLACES, rules)
    errors = {f"price-{index}": price, f"quantity-{index}": quantity}
    if not price and not quantity:
        amount = _line(one, rules).amount
        if amount < CENT:
            errors[f"price-{index}"] = "This line comes to 0.00. Enter a higher price or quantity"
        elif amount > MAX_NUMBER:
            errors[f"price-{index}"] = f"A line can come to at most {MAX_NUMBER:,}"
    return {key: message for key, message in errors.items() if message}


def _number_error(label: str, typed: str, places: int, rules: SaleRules) -> str:
    number = parse_decimal(typed, decimal_comma=rules.decimal_comma)
    if number is None:
        example = "12,50" if rules.decimal_comma else "12.50"
        return f"Enter a price like {example}" if label == "Price" else "Enter a quantity like 1 or 2"
    if number <= 0:
        return f"{label} must be more than 0"
    if number > MAX_NUMBER:
        return f"{label} can be at most {MAX_NUMBER:,}"
    if decimal_places(number) > places:
        return f"{label} can have at most {places} decimals"
    return ""


def _date_error(sold_on: date, rules: SaleRules) -> str:
    if rules.locked_until is not None and sold_on <= rules.locked_until:
        locked = f"{rules.locked_until.day} {rules.locked_until:%B %Y}"
        return f"The books in Xero are locked up to {locked}. Choose a later date, or have it unlocked in Xero"
    if sold_on < EARLIEST:
        return f"Date cannot be before {EARLIEST.year}"
    return "Date cannot be more than a year ahead" if sold_on > rules.today + MAX_AHEAD else ""
