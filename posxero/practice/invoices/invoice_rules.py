"""Xero's rules for invoices: what is refused, in Xero's words where a recording or a public report has them."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from posxero.practice.invoices.models import (
    AUTHORISED,
    DELETED,
    DRAFT,
    EXCLUSIVE,
    INCLUSIVE,
    NO_TAX,
    PAID,
    SUBMITTED,
    VOIDED,
    ZERO,
    Invoice,
)
from posxero.practice.organisation_settings import OrganisationSettings
from posxero.practice.shapes import Json

SALES_INVOICE = "ACCREC"
NUMBER_TAKEN = "Invoice # must be unique."
LINES_MISSING = "One or more line items must be specified"
STATUS_NOT_FOR_CREATION = "Invoice not of valid status for creation"
STATUS_NOT_FOR_CHANGE = "Invoice not of valid status for modification"
STATUS_REFUSED = (
    "The status {status} cannot be applied to the invoice because it has payments or credit notes allocated to it."
)
MONEY_ALLOCATED = "This document cannot be edited as it has a payment or credit note allocated to it."
CONTACT_ARCHIVED = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes"
)
CONTACT_UNKNOWN = "The contact with the specified contact details could not be found"
DUE_DATE_MISSING = "The document DueDate field must be specified."
LOCKED = "The document date cannot be before the {kind} lock date, currently set at {day}"
CURRENCY_UNKNOWN = "Organisation is not subscribed to currency {currency}"
TYPE_UNKNOWN = "The invoice type must be ACCREC; Practice Xero has no bills"
TOTAL_NEGATIVE = "The document total cannot be negative"
LINE_AMOUNT_TYPES = frozenset({EXCLUSIVE, INCLUSIVE, NO_TAX})
CREATION_STATUSES = frozenset({DRAFT, SUBMITTED, AUTHORISED})
NEXT_STATUSES = {
    DRAFT: frozenset({DRAFT, SUBMITTED, AUTHORISED, DELETED}),
    SUBMITTED: frozenset({DRAFT, SUBMITTED, AUTHORISED, DELETED}),
    AUTHORISED: frozenset({AUTHORISED, VOIDED}),
    PAID: frozenset({PAID, VOIDED}),
}
FREE_FIELDS = frozenset(  # what a payment does not fix
    {"InvoiceID", "InvoiceNumber", "Type", "Status", "Reference", "DueDate", "Url", "SentToContact"}
    | {"ExpectedPaymentDate"}
)
MAX_NUMBER = MAX_REFERENCE = 255  # characters; Xero's page on invoices


def status_errors(held: Invoice | None, status: str, sent: Json) -> list[str]:
    """Return why an invoice cannot be created with a status, or changed to it."""
    if held is None:
        return [] if status in CREATION_STATUSES else [STATUS_NOT_FOR_CREATION]
    if status not in NEXT_STATUSES.get(held.status, ()):
        return [STATUS_NOT_FOR_CHANGE]
    if status == VOIDED:
        return [STATUS_REFUSED.format(status=status)] if held.has_money else []
    if held.has_money and sent.keys() - FREE_FIELDS:
        return [MONEY_ALLOCATED]
    return []


def lock_errors(issued_on: date, settings: OrganisationSettings) -> Iterator[str]:
    """Yield why the date of a document or payment is locked."""
    for kind, day in (("period", settings.period_lock_date), ("end of year", settings.end_of_year_lock_date)):
        if day is not None and issued_on <= day:
            yield LOCKED.format(kind=kind, day=day.strftime("%d-%b-%Y"))


def document_errors(invoice: Invoice, settings: OrganisationSettings) -> Iterator[str]:
    """Yield what is wrong with one invoice."""
    if invoice.status == AUTHORISED and invoice.due_on is None:
        yield DUE_DATE_MISSING
    if invoice.line_amount_types not in LINE_AMOUNT_TYPES:
        yield f"The LineAmountTypes {invoice.line_amount_types} is not valid"
    if invoice.currency not in settings.currencies:
        yield CURRENCY_UNKNOWN.format(currency=invoice.currency)
    if not invoice.lines:
        yield LINES_MISSING
    if invoice.total < ZERO:
        yield TOTAL_NEGATIVE
    yield from _text_errors(invoice)


def _text_errors(invoice: Invoice) -> Iterator[str]:
    if len(invoice.number) > MAX_NUMBER:
        yield f"The InvoiceNumber field cannot be longer than {MAX_NUMBER} characters."
    if not (invoice.number.isascii() and invoice.number.isprintable()):
        yield "The InvoiceNumber field can contain printable ASCII characters only."
    if len(invoice.reference) > MAX_REFERENCE:
        yield f"The Reference field cannot be longer than {MAX_REFERENCE} characters."
    if invoice.url and not _is_absolute(invoice.url):
        yield "The Url field must be an absolute URL."


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
