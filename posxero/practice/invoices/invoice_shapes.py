"""Invoices as the elements of Xero's answers, as recorded from the Demo Company."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import uuid5

from posxero.practice import shapes, xero_dates
from posxero.practice.invoices import entry_shapes
from posxero.practice.invoices.models import (
    CREDIT_NOTE,
    OVERPAYMENT,
    Document,
    Invoice,
)
from posxero.practice.organisations import ID_NAMESPACE
from posxero.practice.shapes import Json

BRANDING_THEME_ID = str(uuid5(ID_NAMESPACE, "branding theme"))


def invoice_for_page(invoice: Invoice, contact: Mapping[str, Any], *, is_summary: bool = False) -> Json:
    """Return the element of a page of invoices: the lines, but of the contact only id and name."""
    element = _head(invoice) | _money_lists(invoice) | _amounts(invoice) | _flags(invoice)
    element |= {"HasAttachments": False, "Contact": contact_reference(contact)}
    element |= document_fields(invoice, dates_of_invoice(invoice), has_lines=not is_summary)
    if is_summary:
        for key in ("Payments", "CreditNotes", "Prepayments", "Overpayments", "LineItems"):
            element.pop(key)
    return element | _fully_paid(invoice)


def invoice_in_list(invoice: Invoice, contact: Mapping[str, Any]) -> Json:
    """Return the element of a list that is not paged: without lines."""
    return invoice_for_page(invoice, contact) | {"LineItems": []}


def invoice_by_id(invoice: Invoice, contact: Json) -> Json:
    """Return the element of a GET of one invoice: with its whole contact."""
    element = invoice_for_page(invoice, contact)
    return element | {"Contact": whole_contact(contact), "Attachments": [], "BrandingThemeID": BRANDING_THEME_ID}


def invoice_for_write(invoice: Invoice, contact: Mapping[str, Any], *, with_status: bool) -> Json:
    """Return the element of the answer to a write: as recorded, without Payments, CreditNotes and AmountCredited."""
    element = _head(invoice) | {"Prepayments": [], "Overpayments": []}
    element |= {key: amount for key, amount in _amounts(invoice).items() if key != "AmountCredited"} | _flags(invoice)
    element |= {"BrandingThemeID": BRANDING_THEME_ID, "Contact": whole_contact(dict(contact))}
    element |= document_fields(invoice, dates_of_invoice(invoice), has_lines=True) | _fully_paid(invoice)
    return element | ({"StatusAttributeString": "OK"} if with_status else {})


def refused_invoice(sent: Json, held: Invoice | None, messages: Iterable[str], *, with_status: bool) -> Json:
    """Return the element of a refused write: what was sent, and the validation errors."""
    answer: Json = {"InvoiceID": held.invoice_id if held else shapes.EMPTY_ID} | sent
    answer["InvoiceID"] = held.invoice_id if held else shapes.EMPTY_ID
    for key in ("Date", "DueDate", "ExpectedPaymentDate"):
        day = xero_dates.parse_date(str(sent.get(key) or ""))
        if day is not None:
            answer |= {f"{key}String": xero_dates.format_date_string(day), key: xero_dates.format_date(day)}
    answer["LineItems"] = [each | {"ValidationErrors": []} for each in sent.get("LineItems") or []]
    answer["HasErrors"] = True
    if with_status:
        answer["StatusAttributeString"] = "ERROR"
    return answer | {"ValidationErrors": [{"Message": message} for message in messages]}


def document_fields(document: Document, dates: Mapping[str, date | None], *, has_lines: bool) -> Json:
    """Return what the elements of invoices, credit notes and overpayments share."""
    fields: Json = {}
    for key, day in dates.items():
        if day is not None:
            fields |= {f"{key}String": xero_dates.format_date_string(day), key: xero_dates.format_date(day)}
    return fields | {
        "Status": document.status,
        "LineAmountTypes": document.line_amount_types,
        "LineItems": [entry_shapes.line_item(line) for line in document.lines] if has_lines else [],
        "SubTotal": float(document.subtotal),
        "TotalTax": float(document.total_tax),
        "Total": float(document.total),
        "UpdatedDateUTC": xero_dates.format_with_offset(document.updated),
        "UpdatedDateUTCString": f"{xero_dates.format_iso(document.updated)}Z",
        "CurrencyCode": document.currency,
    }


def dates_of_invoice(invoice: Invoice) -> dict[str, date | None]:
    """Return the dates of an invoice by the names of their fields."""
    return {"Date": invoice.issued_on, "DueDate": invoice.due_on, "ExpectedPaymentDate": invoice.expected_payment_on}


def contact_reference(contact: Mapping[str, Any]) -> Json:
    """Return a contact as documents name it: its id and name."""
    lists: Json = {"Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": []}
    return {"ContactID": contact["ContactID"], "Name": contact.get("Name", ""), **lists, "HasValidationErrors": False}


def whole_contact(contact: Json) -> Json:
    """Return a contact as the answers about one invoice hold it."""
    if "Name" not in contact:
        return contact_reference(contact)
    return shapes.contact_for_write(contact, with_status=False)


def _head(invoice: Invoice) -> Json:
    head: Json = {
        "Type": "ACCREC",
        "InvoiceID": invoice.invoice_id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
    }
    return head | ({"Url": invoice.url} if invoice.url else {})


def _flags(invoice: Invoice) -> Json:
    return {
        "SentToContact": invoice.is_sent_to_contact,
        "CurrencyRate": entry_shapes.BASE_RATE,
        "HasErrors": False,
        "IsDiscounted": any(line.discount_rate or line.discount_amount for line in invoice.lines),
    }


def _amounts(invoice: Invoice) -> Json:
    return {
        "AmountDue": float(invoice.amount_due),
        "AmountPaid": float(invoice.amount_paid),
        "AmountCredited": float(invoice.allocated),
    }


def _money_lists(invoice: Invoice) -> Json:
    return {
        "Payments": [entry_shapes.payment_of_invoice(payment) for payment in invoice.payments],
        "CreditNotes": entry_shapes.applied_credits(invoice.allocations, CREDIT_NOTE),
        "Prepayments": [],
        "Overpayments": entry_shapes.applied_credits(invoice.allocations, OVERPAYMENT),
    }


def _fully_paid(invoice: Invoice) -> Json:
    day = invoice.fully_paid_on
    return {} if day is None else {"FullyPaidOnDate": xero_dates.format_date(day)}
