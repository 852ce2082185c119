"""Read and write credit notes and overpayments."""

import sqlite3

import msgspec

from posxero.practice.invoices.models import Credit

CENTS = 100  # of a dollar
_decode = msgspec.json.Decoder(Credit).decode


def get(database: sqlite3.Connection, tenant: str, credit_id: str) -> Credit | None:
    """Return one credit note or overpayment of an organisation, or None."""
    statement = "SELECT record FROM credit WHERE credit_id = ? AND tenant_id = ?"
    row = database.execute(statement, (credit_id.lower(), tenant)).fetchone()
    return None if row is None else _decode(row["record"])


def list_kind(database: sqlite3.Connection, tenant: str, kind: str) -> list[Credit]:
    """Return the credit notes, or the overpayments, of an organisation, the least recently changed first."""
    statement = "SELECT record FROM credit WHERE tenant_id = ? AND kind = ? ORDER BY updated, credit_id"
    return [_decode(row["record"]) for row in database.execute(statement, (tenant, kind))]


def remaining_of_contact(database: sqlite3.Connection, tenant: str, contact_id: str) -> list[Credit]:
    """Return the credit notes and overpayments of a contact of which something remains."""
    statement = (
        "SELECT record FROM credit WHERE tenant_id = ? AND contact_id = ? AND remaining > 0 ORDER BY updated, credit_id"
    )
    return [_decode(row["record"]) for row in database.execute(statement, (tenant, contact_id))]


def save(database: sqlite3.Connection, tenant: str, credit: Credit) -> None:
    """Store a credit note or overpayment, new or changed."""
    row = (
        credit.credit_id,
        tenant,
        credit.contact_id,
        msgspec.json.encode(credit).decode(),
        credit.kind,
        credit.status,
        int(credit.remaining * CENTS),
        credit.updated,
    )
    database.execute("INSERT OR REPLACE INTO credit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
