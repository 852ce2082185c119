"""Xero's JSON of invoices, accounts and tax rates as typed structs. Amounts are exact decimals."""

from decimal import Decimal
from uuid import UUID

import msgspec

from posxero.xero.shapes import Notice, Pagination

NO_ID = UUID(int=0)


class InvoiceContact(msgspec.Struct, rename="pascal", omit_defaults=True):
    """The contact of an invoice."""

    contact_id: UUID = msgspec.field(name="ContactID", default=NO_ID)


class InvoicePayment(msgspec.Struct, rename="pascal", omit_defaults=True):
    """One entry of an invoice's Payments."""

    payment_id: UUID = msgspec.field(name="PaymentID", default=NO_ID)
    date: str | None = None
    amount: Decimal | None = None
    reference: str | None = None


class AppliedCredit(msgspec.Struct, rename="pascal", omit_defaults=True):
    """One entry of an invoice's CreditNotes, Prepayments or Overpayments. Xero repeats its id as ID."""

    id: UUID = msgspec.field(name="ID", default=NO_ID)
    credit_note_id: UUID = msgspec.field(name="CreditNoteID", default=NO_ID)
    prepayment_id: UUID = msgspec.field(name="PrepaymentID", default=NO_ID)
    overpayment_id: UUID = msgspec.field(name="OverpaymentID", default=NO_ID)
    credit_note_number: str | None = None
    date: str | None = None
    applied_amount: Decimal | None = None


class Invoice(msgspec.Struct, rename="pascal", omit_defaults=True):
    """An invoice: what we read of it, and what a write says about it."""

    invoice_id: UUID = msgspec.field(name="InvoiceID", default=NO_ID)
    type: str | None = None
    due_date: str | None = None
    invoice_number: str | None = None
    status: str | None = None
    url: str | None = None
    contact: InvoiceContact | None = None
    currency_code: str | None = None
    total: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None  # missing in the answer to a write, as are the lists
    payments: list[InvoicePayment] | None = None
    credit_notes: list[AppliedCredit] | None = None
    prepayments: list[AppliedCredit] | None = None
    overpayments: list[AppliedCredit] | None = None
    updated: str | None = msgspec.field(name="UpdatedDateUTC", default=None)
    has_errors: bool | None = None
    has_validation_errors: bool | None = None
    status_attribute_string: str | None = None
    validation_errors: list[Notice] | None = None
    warnings: list[Notice] | None = None

    @property
    def is_written(self) -> bool:
        """Return whether a write was carried out: Xero may answer 200 and have refused it."""
        refused = self.has_errors or self.has_validation_errors or self.status_attribute_string == "ERROR"
        return not refused and self.invoice_id != NO_ID

    @property
    def error_messages(self) -> list[str]:
        """Return Xero's own words about what was wrong."""
        return [error.message or "" for error in self.validation_errors or []]


class Invoices(msgspec.Struct, rename="pascal"):
    """The envelope of every response about invoices."""

    invoices: list[Invoice] | None = None
    pagination: Pagination | None = msgspec.field(name="pagination", default=None)


class Account(msgspec.Struct, rename="pascal"):
    """An account of the chart."""

    code: str | None = None
    name: str | None = None
    status: str | None = None
    account_class: str | None = msgspec.field(name="Class", default=None)
    tax_type: str | None = None
    system_account: str | None = None


class Accounts(msgspec.Struct, rename="pascal"):
    """The envelope of GET /Accounts."""

    accounts: list[Account] | None = None


class TaxRate(msgspec.Struct, rename="pascal"):
    """A tax rate; the effective one is in percent, its components compounded."""

    name: str | None = None
    tax_type: str | None = None
    status: str | None = None
    effective_rate: Decimal | None = None
    can_apply_to_revenue: bool | None = None


class TaxRates(msgspec.Struct, rename="pascal"):
    """The envelope of GET /TaxRates."""

    tax_rates: list[TaxRate] | None = None
