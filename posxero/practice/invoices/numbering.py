"""The numbers that Xero gives to invoices and credit notes that come without one."""

import sqlite3

from posxero.practice import organisation_settings
from posxero.practice.invoices import invoice_records


def next_invoice_number(database: sqlite3.Connection, tenant: str) -> str:
    """Return the next unused number of the series, within the caller's transaction."""
    count = organisation_settings.get(database, tenant).next_invoice_number
    while invoice_records.by_number(database, tenant, f"INV-{count:04d}") is not None:
        count += 1
    organisation_settings.change(database, tenant, next_invoice_number=count + 1)
    return f"INV-{count:04d}"


def next_credit_note_number(database: sqlite3.Connection, tenant: str) -> str:
    """Return the next number of the series, within the caller's transaction."""
    count = organisation_settings.get(database, tenant).next_credit_note_number
    organisation_settings.change(database, tenant, next_credit_note_number=count + 1)
    return f"CN-{count:04d}"
