"""Store a changed invoice with its webhook event, and make its contact a customer."""

import sqlite3
from datetime import date

from msgspec import structs

from posxero.practice import records, webhook_outbox
from posxero.practice.invoices import invoice_records
from posxero.practice.invoices.models import Invoice


def save(
    database: sqlite3.Connection,
    tenant: str,
    invoice: Invoice,
    *,
    is_new: bool,
    now: int,
    has_event: bool = True,
) -> Invoice:
    """Store an invoice within the caller's transaction, and return it as stored."""
    stored = structs.replace(invoice, updated=now)
    invoice_records.save(database, tenant, [stored])
    _make_customer(database, tenant, stored.contact_id)
    if has_event:
        event_type = webhook_outbox.CREATE if is_new else webhook_outbox.UPDATE
        webhook_outbox.add_event(database, tenant, stored.invoice_id, event_type, now, webhook_outbox.INVOICE)
    return stored


def with_status(invoice: Invoice, status: str, *, fully_paid_on: date | None = None) -> Invoice:
    """Return an invoice with another status."""
    return structs.replace(invoice, status=status, fully_paid_on=fully_paid_on)


def for_contact(invoice: Invoice, contact_id: str, number: str) -> Invoice:
    """Return an invoice with its contact and number."""
    return structs.replace(invoice, contact_id=contact_id, number=number)


def _make_customer(database: sqlite3.Connection, tenant: str, contact_id: str) -> None:
    """Set IsCustomer with the first sales invoice; as recorded, the contact's UpdatedDateUTC stays."""
    contact = records.get(database, tenant, contact_id)
    if contact is not None and not contact["IsCustomer"]:
        records.save(database, tenant, [contact | {"IsCustomer": True}])
