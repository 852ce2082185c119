"""The SQLite file of Practice Xero: contacts, invoices, consents and tokens."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posxero.practice.folding import fold

# Times are milliseconds since 1970, amounts of money are cents. Tokens and codes are kept as SHA-256 hashes only.
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS contact (
  contact_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, record TEXT NOT NULL,
  name TEXT NOT NULL, email TEXT NOT NULL, account TEXT NOT NULL, number TEXT NOT NULL,
  status TEXT NOT NULL, updated INTEGER NOT NULL, search TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS history (
  id INTEGER PRIMARY KEY, contact_id TEXT NOT NULL, at INTEGER NOT NULL,
  changes TEXT NOT NULL, user TEXT NOT NULL, details TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS written_by_api (contact_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS connection (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
DROP TABLE IF EXISTS code;
DROP TABLE IF EXISTS remembered;
CREATE TABLE IF NOT EXISTS authorization_code (
  hash TEXT PRIMARY KEY, event_id TEXT NOT NULL, scope TEXT NOT NULL, redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL, nonce TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS refresh_token (
  hash TEXT PRIMARY KEY, event_id TEXT NOT NULL, scope TEXT NOT NULL, expires INTEGER NOT NULL,
  used INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS access_token (
  hash TEXT PRIMARY KEY, event_id TEXT NOT NULL, scope TEXT NOT NULL, expires INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS idempotent_answer (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
  content_type TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS webhook_subscription (
  id INTEGER PRIMARY KEY CHECK (id = 1), url TEXT NOT NULL, key TEXT NOT NULL, status TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS webhook_event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id TEXT NOT NULL, resource_id TEXT NOT NULL, type TEXT NOT NULL,
  at INTEGER NOT NULL, delivered INTEGER NOT NULL DEFAULT 0, category TEXT NOT NULL DEFAULT 'CONTACT') STRICT;
CREATE TABLE IF NOT EXISTS invoice (
  invoice_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, contact_id TEXT NOT NULL, record TEXT NOT NULL,
  number TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL, issued INTEGER NOT NULL, due INTEGER,
  fully_paid INTEGER, total INTEGER NOT NULL, amount_due INTEGER NOT NULL, amount_paid INTEGER NOT NULL,
  amount_credited INTEGER NOT NULL, by_api INTEGER NOT NULL, updated INTEGER NOT NULL, search TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS credit (
  credit_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, contact_id TEXT NOT NULL, record TEXT NOT NULL,
  kind TEXT NOT NULL, status TEXT NOT NULL, remaining INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;
"""

INDEXES = """
CREATE INDEX IF NOT EXISTS contact_by_id ON contact (tenant_id, contact_id, status);
CREATE INDEX IF NOT EXISTS contact_by_update ON contact (tenant_id, updated, contact_id);
CREATE INDEX IF NOT EXISTS contact_by_name ON contact (tenant_id, name);
CREATE INDEX IF NOT EXISTS contact_by_email ON contact (tenant_id, email);
CREATE INDEX IF NOT EXISTS contact_by_account ON contact (tenant_id, account);
CREATE INDEX IF NOT EXISTS contact_by_number ON contact (tenant_id, number);
CREATE INDEX IF NOT EXISTS invoice_by_update ON invoice (tenant_id, updated, invoice_id);
CREATE INDEX IF NOT EXISTS invoice_by_number ON invoice (tenant_id, number);
CREATE INDEX IF NOT EXISTS invoice_by_contact ON invoice (tenant_id, contact_id, status);
CREATE INDEX IF NOT EXISTS credit_by_contact ON credit (tenant_id, contact_id, kind);
CREATE INDEX IF NOT EXISTS webhook_event_pending ON webhook_event (sequence) WHERE delivered = 0;
CREATE INDEX IF NOT EXISTS webhook_event_by_time ON webhook_event (at);
CREATE INDEX IF NOT EXISTS history_by_contact ON history (contact_id, id);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; every statement is its own transaction unless it is in a `transaction`."""
    database = sqlite3.connect(path, isolation_level=None, timeout=10)
    database.row_factory = sqlite3.Row
    # A process that ends loses nothing. A power cut may lose something, which is no harm to practice data.
    database.execute("PRAGMA synchronous = OFF")
    database.create_function("fold", 1, _fold_bytes, deterministic=True)
    return database


def _fold_bytes(text: bytes) -> str:
    return fold(text.decode("utf-8", "replace"))


def create_tables(database: sqlite3.Connection) -> None:
    """Create missing tables. The journal mode is kept in the file."""
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(SCHEMA)
    _upgrade_events(database)


def _upgrade_events(database: sqlite3.Connection) -> None:
    """Add what the events of a file of an earlier version lack: events were about contacts only."""
    columns = {row["name"] for row in database.execute("PRAGMA table_info(webhook_event)")}
    if "contact_id" in columns:
        database.execute("ALTER TABLE webhook_event RENAME COLUMN contact_id TO resource_id")
        database.execute("ALTER TABLE webhook_event ADD COLUMN category TEXT NOT NULL DEFAULT 'CONTACT'")


def create_indexes(database: sqlite3.Connection) -> None:
    """Create missing indexes: after the contacts, which are then inserted twice as fast."""
    database.executescript(INDEXES)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction, and roll back if it raises."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


@contextmanager
def savepoint(database: sqlite3.Connection) -> Iterator[None]:
    """Run the block within the caller's transaction, and undo only the block if it raises."""
    database.execute("SAVEPOINT block")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK TO block")
        raise
    finally:
        database.execute("RELEASE block")


def get_or_set_value(database: sqlite3.Connection, key: str, value: str) -> str:
    """Return the stored value of a key, which is the value of the first caller."""
    database.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, value))
    kept: str = database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()["value"]
    return kept
