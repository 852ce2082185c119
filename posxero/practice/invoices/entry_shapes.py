"""The entries of an invoice's lists as elements: lines, payments, and the credit that is applied to it."""

from collections.abc import Iterable
from decimal import Decimal

from posxero.practice import xero_dates
from posxero.practice.invoices.models import CREDIT_NOTE, Allocation, LineItem, Payment
from posxero.practice.shapes import Json

BASE_RATE = 1.0  # CurrencyRate of the base currency


def payment_of_invoice(payment: Payment) -> Json:
    """Return an entry of the Payments of an invoice."""
    return {
        "PaymentID": payment.payment_id,
        "Date": xero_dates.format_date(payment.paid_on),
        "Amount": float(payment.amount),
        "Reference": payment.reference,
        "CurrencyRate": BASE_RATE,
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def applied_credits(allocations: Iterable[Allocation], kind: str) -> list[Json]:
    """Return the CreditNotes or the Overpayments of an invoice."""
    return [_applied_credit(each, kind) for each in allocations if each.kind == kind]


def _applied_credit(allocation: Allocation, kind: str) -> Json:
    return {
        f"{kind}ID": allocation.credit_id,
        **({"CreditNoteNumber": allocation.number} if kind == CREDIT_NOTE else {}),
        "ID": allocation.credit_id,
        "AppliedAmount": float(allocation.amount),
        "DateString": xero_dates.format_date_string(allocation.allocated_on),
        "Date": xero_dates.format_date(allocation.allocated_on),
        "LineItems": [],
        "CurrencyRate": BASE_RATE,
        "HasErrors": False,
    }


def line_item(line: LineItem) -> Json:
    """Return an entry of the LineItems of a document."""
    optional: dict[str, Decimal | str | None] = {
        "ItemCode": line.item_code,
        "UnitAmount": line.unit_amount,
        "DiscountRate": line.discount_rate,
        "DiscountAmount": line.discount_amount,
        "AccountCode": line.account_code,
        "AccountID": line.account_id,
        "Quantity": line.quantity,
    }
    found = {
        key: float(value) if isinstance(value, Decimal) else value
        for key, value in optional.items()
        if value not in {None, ""}
    }
    return {
        "Description": line.description,
        "TaxType": line.tax_type,
        "TaxAmount": float(line.tax_amount),
        "LineAmount": float(line.line_amount),
        "Tracking": [],
        "LineItemID": line.line_item_id,
        "ValidationErrors": [],
        **found,
    }
