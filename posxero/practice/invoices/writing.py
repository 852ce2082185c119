"""PUT and POST of invoices: match, validate and store."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posxero.practice import organisation_settings
from posxero.practice.invoices import (
    contact_matching,
    drafting,
    invoice_records,
    invoice_rules,
    invoice_shapes,
    numbering,
    parsing,
    saving,
)
from posxero.practice.invoices.models import AUTHORISED, PAID, VOIDED, ZERO, Invoice
from posxero.practice.organisation_settings import OrganisationSettings
from posxero.practice.shapes import Json


class UnknownInvoice(LookupError):
    """An InvoiceID was sent that the organisation does not have: Xero answers 404 for the whole request."""


@dataclass(frozen=True)
class WriteContext:
    """Where and how invoices are written; `is_by_api` is false for what a user does in Xero."""

    database: sqlite3.Connection = field(repr=False)
    tenant: str
    now: int  # milliseconds since 1970
    unit_places: int = 2
    is_by_api: bool = True

    @property
    def settings(self) -> OrganisationSettings:
        """Return the settings of the organisation."""
        return organisation_settings.get(self.database, self.tenant)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one element: the invoice as stored and its contact, or the validation errors."""

    sent: Json
    invoice: Invoice | None
    messages: list[str] = field(default_factory=list)
    contact: Mapping[str, Any] = field(default_factory=dict)

    def as_element(self, *, with_status: bool) -> Json:
        """Return the element of the answer; `with_status` adds its StatusAttributeString."""
        if self.messages or self.invoice is None:
            return invoice_shapes.refused_invoice(self.sent, self.invoice, self.messages, with_status=with_status)
        return invoice_shapes.invoice_for_write(self.invoice, self.contact, with_status=with_status)


def write_invoices(context: WriteContext, elements: list[Json], *, create: bool) -> list[Outcome]:
    """Write invoices one after the other, within the caller's transaction; valid ones are stored beside refused ones.

    `create` is PUT, which only makes new invoices; else an invoice is found by its InvoiceID, then its number.

    Raises:
        UnknownInvoice: Any InvoiceID is unknown; nothing was written.
        MalformedElement: Something cannot be read at all; the caller rolls back.
    """
    if not create:
        for element in elements:
            _find_by_sent_id(context, element)
    return [write_invoice(context, element, create=create) for element in elements]


def write_invoice(context: WriteContext, sent: Json, *, create: bool) -> Outcome:
    """Write one invoice, as `write_invoices` does."""
    held = None if create else _find_match(context, sent)
    if (parsing.text(sent, "Type") or invoice_rules.SALES_INVOICE) != invoice_rules.SALES_INVOICE:
        return Outcome(sent, held, [invoice_rules.TYPE_UNKNOWN])
    status = parsing.text(sent, "Status") or (held.status if held else drafting.FIRST_STATUS)
    refused = invoice_rules.status_errors(held, status, sent)
    if refused:
        return Outcome(sent, held, refused)
    if held is not None and status == VOIDED:
        return _void(context, sent, held)
    return _save(context, sent, held, status)


def _void(context: WriteContext, sent: Json, held: Invoice) -> Outcome:
    """Void an invoice; whatever else was sent is ignored."""
    messages = list(invoice_rules.lock_errors(held.issued_on, context.settings))
    if messages:
        return Outcome(sent, held, messages)
    return _stored(context, sent, saving.with_status(held, VOIDED), is_new=False)


def _save(context: WriteContext, sent: Json, held: Invoice | None, status: str) -> Outcome:
    drafted, messages = drafting.draft(context.database, context.tenant, sent, held, status, context)
    match = contact_matching.find(context.database, context.tenant, sent, held)
    messages = [*match.messages, *messages, *_errors(context, held, drafted)]
    if messages:
        return Outcome(sent, held, messages)
    contact_id, messages = contact_matching.write_contact(context.database, context.tenant, match, now=context.now)
    if messages:
        return Outcome(sent, held, messages)
    number = drafted.number or numbering.next_invoice_number(context.database, context.tenant)
    if context.is_by_api and drafted.status == AUTHORISED and context.settings.approval_status:
        drafted = saving.with_status(drafted, context.settings.approval_status)
    if drafted.status == AUTHORISED and drafted.total == ZERO:  # assumed: nothing is owed on it
        drafted = saving.with_status(drafted, PAID, fully_paid_on=drafted.issued_on)
    return _stored(context, sent, saving.for_contact(drafted, contact_id, number), is_new=held is None)


def _errors(context: WriteContext, held: Invoice | None, drafted: Invoice) -> list[str]:
    messages = [
        *invoice_rules.document_errors(drafted, context.settings),
        *invoice_rules.lock_errors(drafted.issued_on, context.settings),
    ]
    if held is not None and held.issued_on != drafted.issued_on:
        messages.extend(invoice_rules.lock_errors(held.issued_on, context.settings))
    other = invoice_records.by_number(context.database, context.tenant, drafted.number) if drafted.number else None
    if other is not None and other.invoice_id != drafted.invoice_id:
        messages.append(invoice_rules.NUMBER_TAKEN)
    return messages


def _stored(context: WriteContext, sent: Json, invoice: Invoice, *, is_new: bool) -> Outcome:
    stored = saving.save(context.database, context.tenant, invoice, is_new=is_new, now=context.now)
    contact = contact_matching.get(context.database, context.tenant, stored.contact_id)
    return Outcome(sent, stored, contact=contact)


def _find_by_sent_id(context: WriteContext, sent: Json) -> Invoice | None:
    """Return the invoice whose InvoiceID was sent, None if none was sent."""
    invoice_id = parsing.guid(sent, "InvoiceID")
    if not invoice_id:
        return None
    found = invoice_records.get(context.database, context.tenant, invoice_id)
    if found is None:
        raise UnknownInvoice(invoice_id)
    return found


def _find_match(context: WriteContext, sent: Json) -> Invoice | None:
    found = _find_by_sent_id(context, sent)
    number = parsing.text(sent, "InvoiceNumber")
    if found is None and number:
        found = invoice_records.by_number(context.database, context.tenant, number)
    return found
