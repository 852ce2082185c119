"""Payments, credit notes and overpayments as the elements of Xero's answers."""

from posxero.practice import xero_dates
from posxero.practice.invoices import entry_shapes
from posxero.practice.invoices.invoice_shapes import contact_reference, document_fields
from posxero.practice.invoices.models import CREDIT_NOTE, Credit, Invoice, Payment
from posxero.practice.shapes import Json

EMPTY_LISTS = ("Payments", "CreditNotes", "Prepayments", "Overpayments")


def payment_element(payment: Payment, invoice: Invoice, contact: Json, account: Json) -> Json:
    """Return the element of a payment, with its account and invoice."""
    return {
        "PaymentID": payment.payment_id,
        "Date": xero_dates.format_date(payment.paid_on),
        "BankAmount": float(payment.amount),
        "Amount": float(payment.amount),
        "Reference": payment.reference,
        "CurrencyRate": entry_shapes.BASE_RATE,
        "PaymentType": "ACCRECPAYMENT",
        "Status": "AUTHORISED",
        "UpdatedDateUTC": xero_dates.format_with_offset(payment.updated),
        "UpdatedDateUTCString": f"{xero_dates.format_iso(payment.updated)}Z",
        "HasAccount": True,
        "IsReconciled": False,
        "Account": {"AccountID": account["AccountID"], "Code": account["Code"]},
        "Invoice": _invoice_reference(invoice) | {"Contact": contact_reference(contact)},
        "HasValidationErrors": False,
    }


def credit_element(credit: Credit, contact: Json, *, has_lines: bool) -> Json:
    """Return the element of a credit note or an overpayment."""
    is_note = credit.kind == CREDIT_NOTE
    element: Json = {f"{credit.kind}ID": credit.credit_id}
    if is_note:
        element |= {"CreditNoteNumber": credit.number}
    element |= {
        "Payments": [],
        "ID": credit.credit_id,
        "CurrencyRate": entry_shapes.BASE_RATE,
        "Type": "ACCRECCREDIT" if is_note else "RECEIVE-OVERPAYMENT",
        "Reference": credit.reference,
        "RemainingCredit": float(credit.remaining),
        "Allocations": [
            {
                "AllocationID": each.allocation_id,
                "Amount": float(each.amount),
                "Date": xero_dates.format_date(each.allocated_on),
                "Invoice": {"InvoiceID": each.invoice_id, "LineItems": []},
                "IsDeleted": False,
            }
            for each in credit.allocations
        ],
        "HasAttachments": False,
        "Contact": contact_reference(contact),
    }
    return element | document_fields(credit, {"Date": credit.issued_on}, has_lines=has_lines)


def _invoice_reference(invoice: Invoice) -> Json:
    return {
        "Type": "ACCREC",
        "InvoiceID": invoice.invoice_id,
        "InvoiceNumber": invoice.number,
        **{key: [] for key in EMPTY_LISTS},
        "HasErrors": False,
        "IsDiscounted": False,
        "LineItems": [],
        "CurrencyCode": invoice.currency,
    }
