"""The webhook subscription, and the events that are owed to it."""

import sqlite3
from dataclasses import dataclass, field

CREATE, UPDATE = "CREATE", "UPDATE"
CONTACT, INVOICE = "CONTACT", "INVOICE"
NOT_SET, UNVERIFIED, OK, FAILED, DISABLED = "not set", "unverified", "ok", "failed", "disabled"
EVENT_LIFETIME_MS = 31 * 86_400_000  # milliseconds for which Xero stores events
MAX_BATCH = 100  # events of one delivery


@dataclass(frozen=True)
class Subscription:
    """The address and signing key of the app, and the status of its verification."""

    url: str = ""
    key: str = field(default="", repr=False)
    status: str = NOT_SET


@dataclass(frozen=True)
class Event:
    """A change of a contact or invoice; `sequence` counts the events of the app, `at` is milliseconds since 1970."""

    sequence: int
    tenant: str
    resource_id: str
    type: str
    at: int
    category: str = CONTACT


def get_subscription(database: sqlite3.Connection) -> Subscription:
    """Return the subscription, an empty one if no address is set."""
    row = database.execute("SELECT url, key, status FROM webhook_subscription").fetchone()
    return Subscription() if row is None else Subscription(*row)


def set_subscription(database: sqlite3.Connection, url: str, key: str) -> None:
    """Set the address and key, which must be verified again unless neither has changed; "" removes them."""
    current = get_subscription(database)
    if not url:
        database.execute("DELETE FROM webhook_subscription")
    elif (url, key) != (current.url, current.key):
        row = (1, url, key, UNVERIFIED)
        database.execute("INSERT OR REPLACE INTO webhook_subscription VALUES (?, ?, ?, ?)", row)


def set_status(database: sqlite3.Connection, subscription: Subscription, status: str) -> None:
    """Set the status of a subscription that has not changed meanwhile."""
    statement = "UPDATE webhook_subscription SET status = ? WHERE url = ? AND key = ?"
    database.execute(statement, (status, subscription.url, subscription.key))


def add_event(
    database: sqlite3.Connection, tenant: str, resource_id: str, event_type: str, at: int, category: str = CONTACT
) -> None:
    """Add an event within the transaction of its change, if an address is set, and delete expired events."""
    statement = (
        "INSERT INTO webhook_event (tenant_id, resource_id, type, at, category)"
        " SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM webhook_subscription)"
    )
    database.execute(statement, (tenant, resource_id, event_type, at, category))
    database.execute("DELETE FROM webhook_event WHERE at <= ?", (at - EVENT_LIFETIME_MS,))


def list_pending(database: sqlite3.Connection, limit: int = MAX_BATCH) -> list[Event]:
    """Return the first undelivered events, oldest first."""
    return _events(database, "WHERE delivered = 0 ORDER BY sequence LIMIT ?", limit)


def count_pending(database: sqlite3.Connection) -> int:
    """Return the number of undelivered events."""
    found: int = database.execute("SELECT count(*) FROM webhook_event WHERE delivered = 0").fetchone()[0]
    return found


def list_latest(database: sqlite3.Connection, limit: int) -> list[Event]:
    """Return the latest events, delivered or not, newest first."""
    return _events(database, "ORDER BY sequence DESC LIMIT ?", limit)


def mark_delivered(database: sqlite3.Connection, events: list[Event]) -> None:
    """Mark events as delivered."""
    statement = "UPDATE webhook_event SET delivered = 1 WHERE sequence = ?"
    database.executemany(statement, [(event.sequence,) for event in events])


def _events(database: sqlite3.Connection, clause: str, limit: int) -> list[Event]:
    statement = f"SELECT sequence, tenant_id, resource_id, type, at, category FROM webhook_event {clause}"  # noqa: S608 - the clauses are ours
    return [Event(*row) for row in database.execute(statement, (limit,))]
