"""Read and write invoices."""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from posxero.practice import xero_dates
from posxero.practice.folding import fold
from posxero.practice.invoices.models import Invoice

UPSERT = "INSERT OR REPLACE INTO invoice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
HUNDREDTHS = 100
_decode = msgspec.json.Decoder(Invoice).decode


def get(database: sqlite3.Connection, tenant: str, invoice_id: str) -> Invoice | None:
    """Return one invoice of an organisation, or None."""
    return _first(database, "invoice_id = ? AND tenant_id = ?", (invoice_id.lower(), tenant))


def by_number(database: sqlite3.Connection, tenant: str, number: str) -> Invoice | None:
    """Return the sales invoice with a number, whatever its status, or None; case is ignored."""
    return _first(database, "tenant_id = ? AND number = ?", (tenant, fold(number)))


def of_contact(database: sqlite3.Connection, tenant: str, contact_id: str) -> list[Invoice]:
    """Return the invoices of a contact, newest first."""
    statement = "SELECT record FROM invoice WHERE tenant_id = ? AND contact_id = ? ORDER BY issued DESC, number DESC"
    return [parse_record(row["record"]) for row in database.execute(statement, (tenant, contact_id))]


def count(database: sqlite3.Connection, tenant: str) -> int:
    """Return the number of invoices of an organisation."""
    found: int = database.execute("SELECT count(*) FROM invoice WHERE tenant_id = ?", (tenant,)).fetchone()[0]
    return found


def save(database: sqlite3.Connection, tenant: str, invoices: Iterable[Invoice]) -> None:
    """Store invoices, new or changed."""
    database.executemany(UPSERT, (_row(tenant, invoice) for invoice in invoices))


def move_to_contact(database: sqlite3.Connection, tenant: str, loser: str, winner: str) -> None:
    """Let the invoices and credits of a contact belong to another; no timestamp moves."""
    for table in ("invoice", "credit"):
        database.execute(
            f"UPDATE {table} SET contact_id = ?, record = json_set(record, '$.contact_id', ?)"  # noqa: S608 - the tables are ours
            " WHERE tenant_id = ? AND contact_id = ?",
            (winner, winner, tenant, loser),
        )


def parse_record(record: str) -> Invoice:
    """Parse a stored invoice."""
    return _decode(record)


def _first(database: sqlite3.Connection, condition: str, values: Sequence[str]) -> Invoice | None:
    statement = f"SELECT record FROM invoice WHERE {condition} ORDER BY invoice_id LIMIT 1"  # noqa: S608 - the conditions are ours, values are bound
    row = database.execute(statement, values).fetchone()
    return None if row is None else parse_record(row["record"])


def _row(tenant: str, invoice: Invoice) -> tuple[str | int | None, ...]:
    due, paid_on = invoice.due_on, invoice.fully_paid_on
    return (
        invoice.invoice_id,
        tenant,
        invoice.contact_id,
        msgspec.json.encode(invoice).decode(),
        fold(invoice.number),
        fold(invoice.reference),
        invoice.status,
        xero_dates.midnight(invoice.issued_on),
        None if due is None else xero_dates.midnight(due),
        None if paid_on is None else xero_dates.midnight(paid_on),
        int(invoice.total * HUNDREDTHS),
        int(invoice.amount_due * HUNDREDTHS),
        int(invoice.amount_paid * HUNDREDTHS),
        int(invoice.allocated * HUNDREDTHS),
        invoice.is_by_api,
        invoice.updated,
        fold(f"{invoice.number}\n{invoice.reference}"),
    )
