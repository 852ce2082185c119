"""Write a sale as an element of Xero's Invoices. Amounts stay text until they are sent, so that JSON keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

AMOUNTS: Final = ("Quantity", "UnitAmount")  # of a line: numbers in Xero's JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line; the price includes tax."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    account_code: str
    tax_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """What an invoice is created with."""

    contact_id: UUID
    number: str
    reference: str
    sold_on: date
    due_on: date
    currency: str
    url: str
    lines: Sequence[InvoiceLine]


def creation_of(draft: InvoiceDraft) -> dict[str, Any]:
    """Return the element that creates an invoice.

    Of the contact only the id is sent: with more, Xero updates it and deletes the contact persons left out.
    """
    element = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Inclusive",
        "Contact": {"ContactID": str(draft.contact_id)},
        "InvoiceNumber": draft.number,
        "Date": draft.sold_on.isoformat(),
        "DueDate": draft.due_on.isoformat(),
        "CurrencyCode": draft.currency,
        "Url": draft.url,
        "LineItems": [_line(line) for line in draft.lines],
    }
    return element | ({"Reference": draft.reference} if draft.reference else {})


def void_of(invoice_id: UUID) -> dict[str, Any]:
    """Return the element that voids an invoice."""
    return {"InvoiceID": str(invoice_id), "Status": "VOIDED"}


def with_numbers(element: Mapping[str, Any]) -> dict[str, Any]:
    """Return an element whose amounts are numbers, as they are sent."""
    lines = [
        {key: Decimal(value) if key in AMOUNTS else value for key, value in line.items()}
        for line in element.get("LineItems", ())
    ]
    return dict(element) | ({"LineItems": lines} if lines else {})


def _line(line: InvoiceLine) -> dict[str, str]:
    return {
        "Description": line.description,
        "Quantity": str(line.quantity),
        "UnitAmount": str(line.unit_price),
        "AccountCode": line.account_code,
        "TaxType": line.tax_type,
    }
