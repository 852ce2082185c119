"""Read what a sale keeps of its invoice in Xero."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from posxero.domain.invoice_states import AUTHORISED, InvoiceState, Settlement
from posxero.domain.money import ZERO, to_cents
from posxero.domain.payments import PaymentKind
from posxero.xero.invoice_shapes import NO_ID, AppliedCredit, Invoice
from posxero.xero.shapes import parse_xero_date

MAX_REFERENCE = 255  # characters


def read_state(invoice: Invoice) -> InvoiceState:
    """Return the state of an invoice. What is due counts only where it is approved: a voided one keeps its amount."""
    status, due = invoice.status or "", _amount(invoice.amount_due)
    paid, credited = _amount(invoice.amount_paid), _amount(invoice.amount_credited)
    has_lists = invoice.payments is not None or not (paid or credited)
    return InvoiceState(
        status=status,
        total=_amount(invoice.total),
        due=due if status == AUTHORISED else ZERO,
        paid=paid,
        credited=credited,
        due_on=parse_date(invoice.due_date),
        updated_at=parse_xero_date(invoice.updated),
        settlements=sorted(_settlements(invoice), key=_order) if has_lists else None,
    )


def parse_date(text: str | None) -> date | None:
    """Read a date of Xero; None when it is none."""
    found = parse_xero_date(text) or (text or "")
    try:
        return date.fromisoformat(found[:10])
    except ValueError:
        return None


def _settlements(invoice: Invoice) -> Iterator[Settlement]:
    for payment in invoice.payments or ():
        paid_on, amount = parse_date(payment.date), _amount(payment.amount)
        if paid_on is not None and amount:
            reference = (payment.reference or "")[:MAX_REFERENCE]
            yield Settlement(PaymentKind.PAYMENT, payment.payment_id, paid_on, amount, reference)
    lists = (
        (PaymentKind.CREDIT_NOTE, invoice.credit_notes),
        (PaymentKind.PREPAYMENT, invoice.prepayments),
        (PaymentKind.OVERPAYMENT, invoice.overpayments),
    )
    for kind, applied in lists:
        for credit in applied or ():
            paid_on, amount = parse_date(credit.date), _amount(credit.applied_amount)
            if paid_on is not None and amount:
                number = (credit.credit_note_number or "")[:MAX_REFERENCE]
                yield Settlement(kind, _id_of(credit), paid_on, amount, number)


def _id_of(credit: AppliedCredit) -> UUID:
    ids = (credit.credit_note_id, credit.prepayment_id, credit.overpayment_id, credit.id)
    return next((one for one in ids if one != NO_ID), NO_ID)


def _order(one: Settlement) -> tuple[date, str, str]:
    return one.paid_on, one.kind.value, str(one.xero_id)


def _amount(amount: Decimal | None) -> Decimal:
    return ZERO if amount is None else to_cents(amount)
