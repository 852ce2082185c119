"""Settle invoices as a user does in Xero: payments, overpayments, credit notes and their allocation."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import uuid4

from msgspec import structs

from posxero.practice import organisation_settings, xero_dates
from posxero.practice.invoices import credit_records, crediting, invoice_records, invoice_rules, saving
from posxero.practice.invoices.models import (
    AUTHORISED,
    OVERPAYMENT,
    PAID,
    ZERO,
    Allocation,
    Credit,
    Invoice,
    Payment,
)
from posxero.practice.organisations import TIME_ZONE

NOT_AUTHORISED = "Payments can only be made against Authorised documents"
AMOUNT_NOT_POSITIVE = "The amount must be greater than zero"
AMOUNT_EXCEEDED = "Payment amount exceeds the amount outstanding on this document"
BANK_ACCOUNT = "090"


class SettlementRefused(ValueError):
    """The amount, the date or the status of the invoice does not allow it; the message is for the user."""


@dataclass(frozen=True)
class Settlement:
    """Where and when something is settled; `on` is the date of the payment, credit or allocation."""

    database: sqlite3.Connection = field(repr=False)
    tenant: str
    now: int  # milliseconds since 1970
    day: date | None = None

    @property
    def on(self) -> date:
        """Return the date, by default today's in the organisation's time zone."""
        return self.day or xero_dates.date_in(TIME_ZONE, self.now)


def pay(context: Settlement, invoice: Invoice, amount: Decimal, reference: str = "") -> Invoice:
    """Record a payment within the caller's transaction; what exceeds the amount due becomes an overpayment.

    Raises:
        SettlementRefused: The invoice is not AUTHORISED, the amount is not positive, or the date is locked.
    """
    _require_open(context, invoice, amount)
    payment = Payment(
        payment_id=str(uuid4()),
        paid_on=context.on,
        amount=min(amount, invoice.amount_due),
        account_code=BANK_ACCOUNT,
        reference=reference,
        updated=context.now,
    )
    excess = amount - payment.amount
    if excess > ZERO:
        overpayment = crediting.new_overpayment(invoice.contact_id, excess, reference, context.on)
        credit_records.save(context.database, context.tenant, structs.replace(overpayment, updated=context.now))
    return _save(context, structs.replace(invoice, payments=[*invoice.payments, payment]))


def remove_payment(context: Settlement, invoice: Invoice, payment_id: str) -> Invoice:
    """Remove a payment within the caller's transaction: its amount is due again."""
    kept = [payment for payment in invoice.payments if payment.payment_id != payment_id]
    if len(kept) == len(invoice.payments):
        raise SettlementRefused("The invoice has no such payment")
    return _save(context, structs.replace(invoice, payments=kept, status=AUTHORISED))


def credit(context: Settlement, invoice: Invoice, amount: Decimal, reference: str = "") -> Credit:
    """Make a credit note within the caller's transaction and apply it to an invoice, up to the amount due.

    Raises:
        SettlementRefused: The invoice is not AUTHORISED, the amount is not positive, or the date is locked.
    """
    _require_open(context, invoice, amount)
    note = crediting.new_credit_note(context.database, context.tenant, invoice, amount, reference, context.on)
    return allocate(context, note, invoice, min(amount, invoice.amount_due))


def allocate(context: Settlement, source: Credit, invoice: Invoice, amount: Decimal) -> Credit:
    """Apply remaining credit to an invoice within the caller's transaction; return the changed credit.

    Raises:
        SettlementRefused: The invoice is not AUTHORISED, the amount exceeds what is due or remains, or the date
            is locked.
    """
    _require_open(context, invoice, amount)
    if amount > min(invoice.amount_due, source.remaining):
        raise SettlementRefused(AMOUNT_EXCEEDED)
    allocation = Allocation(
        allocation_id=str(uuid4()),
        credit_id=source.credit_id,
        invoice_id=invoice.invoice_id,
        kind=source.kind,
        number=source.number,
        allocated_on=context.on,
        amount=amount,
    )
    changed = structs.replace(source, allocations=[*source.allocations, allocation], updated=context.now)
    changed = structs.replace(changed, status=AUTHORISED if changed.remaining else PAID)
    credit_records.save(context.database, context.tenant, changed)
    _save(context, structs.replace(invoice, allocations=[*invoice.allocations, allocation]))
    return changed


def add_credit(context: Settlement, contact_id: str, amount: Decimal, kind: str = OVERPAYMENT) -> Credit:
    """Add credit to a contact within the caller's transaction, applied to no invoice."""
    if amount <= ZERO:
        raise SettlementRefused(AMOUNT_NOT_POSITIVE)
    if kind == OVERPAYMENT:
        made = crediting.new_overpayment(contact_id, amount, "", context.on)
    else:
        made = crediting.new_open_credit_note(context.database, context.tenant, contact_id, amount, context.on)
    made = structs.replace(made, updated=context.now)
    credit_records.save(context.database, context.tenant, made)
    return made


def _require_open(context: Settlement, invoice: Invoice, amount: Decimal) -> None:
    if invoice.status != AUTHORISED:
        raise SettlementRefused(NOT_AUTHORISED)
    if amount <= ZERO:
        raise SettlementRefused(AMOUNT_NOT_POSITIVE)
    settings = organisation_settings.get(context.database, context.tenant)
    for message in invoice_rules.lock_errors(context.on, settings):
        raise SettlementRefused(message)


def _save(context: Settlement, invoice: Invoice) -> Invoice:
    """Store an invoice whose payments or credits changed: PAID once nothing is due."""
    is_paid = invoice.amount_due <= ZERO
    settled = saving.with_status(invoice, PAID, fully_paid_on=context.on) if is_paid else invoice
    if not is_paid:
        settled = structs.replace(invoice, fully_paid_on=None)
    has_event = organisation_settings.get(context.database, context.tenant).has_payment_events
    return saving.save(context.database, context.tenant, settled, is_new=False, now=context.now, has_event=has_event)


def invoice_of(context: Settlement, invoice_id: str) -> Invoice:
    """Return an invoice to settle.

    Raises:
        SettlementRefused: The organisation has none with this id.
    """
    found = invoice_records.get(context.database, context.tenant, invoice_id)
    if found is None:
        raise SettlementRefused("The invoice could not be found")
    return found
