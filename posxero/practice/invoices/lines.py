"""The lines of an invoice: amounts, tax, account and what Xero refuses about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from msgspec import structs

from posxero.practice import chart
from posxero.practice.invoices import amounts, parsing
from posxero.practice.invoices.models import NO_TAX, ZERO, LineItem
from posxero.practice.shapes import Json

ACCOUNT_INVALID = "Account code '{code}' is not a valid code for this document."
ACCOUNT_ARCHIVED = (
    "Account code '{code}' has been archived, or has been deleted. Each line item must reference a valid account."
)
ACCOUNT_MISSING = "Account code must be specified"
TAX_TYPE_UNKNOWN = "The TaxType code {tax_type} does not exist or cannot be used for this type of transaction."
TAX_TYPE_UNFIT = "The TaxType code '{tax_type}' cannot be used with account code '{code}'."
LINE_TOTAL_UNEQUAL = "The line total {sent} does not match the expected line total {expected}"
DESCRIPTION_MISSING = "Description must be specified"
MAX_DESCRIPTION = 4000  # characters; Xero's page on invoices
NO_TAX_TYPE = "NONE"
USABLE_SYSTEM_ACCOUNTS = frozenset({"ROUNDING"})
USE_BY_CLASS = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}


@dataclass(frozen=True)
class LineRules:
    """What the lines of one invoice are read with."""

    accounts: Mapping[str, Mapping[str, Any]]  # by code
    tax_rates: Mapping[str, Mapping[str, Any]]  # by TaxType
    line_amount_types: str
    unit_places: int
    is_approved: bool


def parse_lines(sent: Sequence[Json], held: Sequence[LineItem], rules: LineRules) -> tuple[list[LineItem], list[str]]:
    """Return the lines that replace the held ones, and the validation errors.

    A line with the LineItemID of a held one keeps what it omits; the others are new.

    Raises:
        MalformedElement: A value has the wrong type.
    """
    held_by_id = {line.line_item_id: line for line in held}
    lines, messages = [], []
    for element in sent:
        line, errors = _parse_line(_with_held_fields(element, held_by_id), rules)
        lines.append(line)
        messages.extend(errors)
    return lines, messages


def as_sent(line: LineItem) -> Json:
    """Return a held line as an element that was sent."""
    found = {
        "LineItemID": line.line_item_id,
        "Description": line.description,
        "Quantity": line.quantity,
        "UnitAmount": line.unit_amount,
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
        "ItemCode": line.item_code,
        "DiscountRate": line.discount_rate,
        "DiscountAmount": line.discount_amount,
    }
    return {key: str(value) for key, value in found.items() if value not in (None, "")}


def _with_held_fields(element: Json, held_by_id: Mapping[str, LineItem]) -> Json:
    held = held_by_id.get(parsing.guid(element, "LineItemID"))
    if held is None:
        return {key: value for key, value in element.items() if key != "LineItemID"}
    sent = {key: value for key, value in element.items() if value is not None}
    base = as_sent(held)
    if "LineAmount" in sent and not {"Quantity", "UnitAmount"} & sent.keys():
        base.pop("UnitAmount", None)
    return base | sent


def _parse_line(element: Json, rules: LineRules) -> tuple[LineItem, list[str]]:
    description = parsing.text(element, "Description") or ""
    numbers = {key: parsing.number(element, key) for key in ("Quantity", "UnitAmount", "LineAmount", "TaxAmount")}
    line = LineItem(
        line_item_id=parsing.guid(element, "LineItemID") or str(uuid4()),
        description=description,
        item_code=parsing.text(element, "ItemCode") or "",
        account_code=parsing.text(element, "AccountCode") or "",
        discount_rate=parsing.number(element, "DiscountRate"),
        discount_amount=parsing.number(element, "DiscountAmount"),
    )
    messages = _description_errors(description, rules)
    if not any(number is not None for number in numbers.values()) and description:
        return line, messages  # a mere description
    priced, errors = _with_amount(line, numbers, rules.unit_places)
    taxed, more = _with_tax(priced, parsing.text(element, "TaxType") or "", numbers["TaxAmount"], rules)
    return taxed, [*messages, *errors, *more]


def _description_errors(description: str, rules: LineRules) -> list[str]:
    if rules.is_approved and not description.strip():
        return [DESCRIPTION_MISSING]
    if len(description) > MAX_DESCRIPTION:
        return [f"The Description field cannot be longer than {MAX_DESCRIPTION} characters."]
    return []


def _with_amount(line: LineItem, numbers: Mapping[str, Decimal | None], unit_places: int) -> tuple[LineItem, list[str]]:
    """Return the line with quantity, unit amount and line amount, one of which may be calculated from the others."""
    quantity, unit, sent = numbers["Quantity"], numbers["UnitAmount"], numbers["LineAmount"]
    if unit is None and sent is not None:
        quantity = amounts.ONE if quantity is None else quantity
        unit = sent / quantity if quantity else sent
    elif quantity is None and sent is not None and unit:
        quantity = sent / unit
    quantity = amounts.round_quantity(amounts.ONE if quantity is None else quantity)
    unit = amounts.round_unit_amount(ZERO if unit is None else unit, unit_places)
    expected = amounts.line_amount(quantity, unit, line.discount_rate or ZERO, line.discount_amount or ZERO)
    if numbers["UnitAmount"] is None and sent is not None:
        expected = amounts.round_cents(sent)
    messages = []
    if sent is not None and amounts.round_cents(sent) != expected:
        messages.append(LINE_TOTAL_UNEQUAL.format(sent=amounts.round_cents(sent), expected=expected))
    return _replace(line, quantity=quantity, unit_amount=unit, line_amount=expected), messages


def _with_tax(line: LineItem, tax_type: str, sent: Decimal | None, rules: LineRules) -> tuple[LineItem, list[str]]:
    account, messages = _find_account(line.account_code, rules)
    tax_type = (
        NO_TAX_TYPE if rules.line_amount_types == NO_TAX else tax_type or str(account.get("TaxType", NO_TAX_TYPE))
    )
    rate = rules.tax_rates.get(tax_type)
    if rate is None or rate["Status"] != chart.ACTIVE:
        messages.append(TAX_TYPE_UNKNOWN.format(tax_type=tax_type))
    if account and not (rate or {}).get(USE_BY_CLASS[account["Class"]], False):
        messages.append(TAX_TYPE_UNFIT.format(tax_type=tax_type, code=line.account_code))
    percent = Decimal(str(rate["EffectiveRate"])) if rate else ZERO
    tax = amounts.line_tax(line.line_amount, percent, rules.line_amount_types)
    if sent is not None and rules.line_amount_types != NO_TAX:
        tax = amounts.round_cents(sent)
    fields = {"tax_type": tax_type, "tax_amount": tax, "account_id": str(account.get("AccountID", ""))}
    return _replace(line, **fields), messages


def _find_account(code: str, rules: LineRules) -> tuple[Mapping[str, Any], list[str]]:
    account = rules.accounts.get(code)
    if not code:
        return {}, [ACCOUNT_MISSING] if rules.is_approved else []
    if account is None or account["Type"] == "BANK":
        return {}, [ACCOUNT_INVALID.format(code=code)]
    if account.get("SystemAccount", "ROUNDING") not in USABLE_SYSTEM_ACCOUNTS:
        return {}, [ACCOUNT_INVALID.format(code=code)]
    if account["Status"] != chart.ACTIVE:
        return {}, [ACCOUNT_ARCHIVED.format(code=code)]
    return account, []


def _replace(line: LineItem, **fields: Any) -> LineItem:
    replaced: LineItem = structs.replace(line, **fields)
    return replaced
