"""What Practice Xero holds of a sale: the invoice with its lines, payments and credit.

Money is a Decimal of the organisation's currency; a stored record is the JSON of the invoice.
"""

from datetime import date
from decimal import Decimal

import msgspec

DRAFT, SUBMITTED, AUTHORISED, PAID = "DRAFT", "SUBMITTED", "AUTHORISED", "PAID"
VOIDED, DELETED = "VOIDED", "DELETED"
EXCLUSIVE, INCLUSIVE, NO_TAX = "Exclusive", "Inclusive", "NoTax"
CREDIT_NOTE, OVERPAYMENT = "CreditNote", "Overpayment"
ZERO = Decimal(0)


class LineItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line; `line_amount` includes the tax if the amounts of its invoice do. A line may be a mere description."""

    line_item_id: str
    description: str = ""
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal = ZERO
    tax_amount: Decimal = ZERO
    tax_type: str = ""
    account_code: str = ""
    account_id: str = ""
    item_code: str = ""
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money received for an invoice."""

    payment_id: str
    paid_on: date
    amount: Decimal
    account_code: str
    reference: str = ""
    updated: int = 0  # milliseconds since 1970


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a credit note or an overpayment that is applied to an invoice."""

    allocation_id: str
    credit_id: str
    invoice_id: str
    kind: str
    number: str
    allocated_on: date
    amount: Decimal


def _sum(amounts: list[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What invoices, credit notes and overpayments share."""

    contact_id: str
    issued_on: date
    status: str
    number: str = ""
    reference: str = ""
    currency: str = "NZD"
    line_amount_types: str = EXCLUSIVE
    lines: list[LineItem] = []
    allocations: list[Allocation] = []
    updated: int = 0  # milliseconds since 1970

    @property
    def total_tax(self) -> Decimal:
        """Return the tax of all lines."""
        return _sum([line.tax_amount for line in self.lines])

    @property
    def total(self) -> Decimal:
        """Return the total with tax."""
        amounts = _sum([line.line_amount for line in self.lines])
        return amounts + self.total_tax if self.line_amount_types == EXCLUSIVE else amounts

    @property
    def subtotal(self) -> Decimal:
        """Return the total without tax."""
        return self.total - self.total_tax

    @property
    def allocated(self) -> Decimal:
        """Return the sum of the allocations."""
        return _sum([allocation.amount for allocation in self.allocations])


class Invoice(Document, frozen=True, kw_only=True):
    """A sales invoice (ACCREC)."""

    invoice_id: str
    due_on: date | None = None
    url: str = ""
    is_sent_to_contact: bool = False
    expected_payment_on: date | None = None
    payments: list[Payment] = []
    fully_paid_on: date | None = None
    is_by_api: bool = False

    @property
    def amount_paid(self) -> Decimal:
        """Return the sum of the payments."""
        return _sum([payment.amount for payment in self.payments])

    @property
    def amount_due(self) -> Decimal:
        """Return what is not paid or credited; for a voided invoice Xero still answers its total."""
        return self.total - self.amount_paid - self.allocated

    @property
    def has_money(self) -> bool:
        """Return whether a payment or credit is allocated to the invoice."""
        return bool(self.payments or self.allocations)


class Credit(Document, frozen=True, kw_only=True):
    """A credit note (ACCRECCREDIT) or an overpayment (RECEIVE-OVERPAYMENT), as `kind` says."""

    credit_id: str
    kind: str

    @property
    def remaining(self) -> Decimal:
        """Return the credit that is not allocated."""
        return self.total - self.allocated
