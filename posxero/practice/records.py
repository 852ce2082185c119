"""Read and write contacts and their history."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from posxero.practice.folding import fold
from posxero.practice.shapes import Json

ACTIVE, ARCHIVED, ERASED = "ACTIVE", "ARCHIVED", "GDPRREQUEST"
SYSTEM_USER = "System Generated"  # the User of what the API did; Xero's OpenAPI document 16.1.0
SEARCH_FIELDS = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")
UPSERT = "INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def get(database: sqlite3.Connection, tenant: str, contact_id: str) -> Json | None:
    """Return one contact of an organisation, or None."""
    statement = "SELECT record FROM contact WHERE contact_id = ? AND tenant_id = ?"
    row = database.execute(statement, (contact_id.lower(), tenant)).fetchone()
    return None if row is None else _parse_record(row)


def by_number(database: sqlite3.Connection, tenant: str, number: str) -> Json | None:
    """Return the contact with a ContactNumber, archived or not, or None; the first if there are several."""
    statement = "SELECT record FROM contact WHERE tenant_id = ? AND number = ? ORDER BY contact_id LIMIT 1"
    row = database.execute(statement, (tenant, fold(number))).fetchone()
    return None if row is None else _parse_record(row)


def by_active_name(database: sqlite3.Connection, tenant: str, name: str) -> list[Json]:
    """Return the active contacts with a name; case is ignored, accents are not."""
    statement = "SELECT record FROM contact WHERE tenant_id = ? AND name = ? AND status = 'ACTIVE' ORDER BY contact_id"
    found = [_parse_record(row) for row in database.execute(statement, (tenant, fold(name)))]
    return [record for record in found if record["Name"].casefold() == name.casefold()]


def by_account(database: sqlite3.Connection, tenant: str, account: str) -> list[Json]:
    """Return the contacts that have an AccountNumber."""
    statement = "SELECT record FROM contact WHERE tenant_id = ? AND account = ?"
    return [_parse_record(row) for row in database.execute(statement, (tenant, fold(account)))]


def count(database: sqlite3.Connection, tenant: str) -> int:
    """Return the number of contacts of an organisation, archived ones included."""
    found: int = database.execute("SELECT count(*) FROM contact WHERE tenant_id = ?", (tenant,)).fetchone()[0]
    return found


def save(database: sqlite3.Connection, tenant: str, records: Iterable[Json]) -> None:
    """Store contacts, new or changed."""
    database.executemany(UPSERT, (_row(tenant, record) for record in records))


def mark_written_by_api(database: sqlite3.Connection, contact_id: str) -> None:
    """Record that the API has written a contact."""
    database.execute("INSERT OR IGNORE INTO written_by_api VALUES (?)", (contact_id,))


def is_written_by_api(database: sqlite3.Connection, contact_id: str) -> bool:
    """Return whether the API has ever written a contact."""
    found = database.execute("SELECT 1 FROM written_by_api WHERE contact_id = ?", (contact_id,)).fetchone()
    return found is not None


def delete(database: sqlite3.Connection, tenant: str, contact_id: str) -> None:
    """Delete a contact as if Xero had never had it."""
    database.execute("DELETE FROM contact WHERE contact_id = ? AND tenant_id = ?", (contact_id, tenant))
    database.execute("DELETE FROM history WHERE contact_id = ?", (contact_id,))
    database.execute("DELETE FROM written_by_api WHERE contact_id = ?", (contact_id,))


def add_history(
    database: sqlite3.Connection, contact_id: str, *, at: int, changes: str, user: str, details: str
) -> None:
    """Add a record to the history of a contact."""
    statement = "INSERT INTO history (contact_id, at, changes, user, details) VALUES (?, ?, ?, ?, ?)"
    database.execute(statement, (contact_id, at, changes, user, details))


def list_history(database: sqlite3.Connection, contact_id: str) -> Sequence[sqlite3.Row]:
    """Return the history of a contact, newest first: rows of at, changes, user, details."""
    statement = "SELECT at, changes, user, details FROM history WHERE contact_id = ? ORDER BY id DESC"
    return database.execute(statement, (contact_id,)).fetchall()


def _parse_record(row: sqlite3.Row) -> Json:
    record: Json = json.loads(row["record"])
    return record


def _row(tenant: str, record: Json) -> tuple[str | int, ...]:
    get_text = record.get
    return (
        record["ContactID"],
        tenant,
        json.dumps(record, ensure_ascii=True),  # lone surrogates survive as escapes
        fold(record["Name"]),
        fold(get_text("EmailAddress") or ""),
        fold(get_text("AccountNumber") or ""),
        fold(get_text("ContactNumber") or ""),
        record["ContactStatus"],
        record["UpdatedDateUTC"],
        fold("\n".join(filter(None, map(get_text, SEARCH_FIELDS)))),
    )
