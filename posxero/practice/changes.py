"""Store a changed contact with its history record and its webhook event."""

import sqlite3

from posxero.practice import records, webhook_outbox
from posxero.practice.shapes import Json

USER_NAME = "Pat Practice"
CREATED, EDITED = "Created", "Edited"


def save_change(
    database: sqlite3.Connection, tenant: str, record: Json, change: str, *, user: str, details: str, at: int
) -> None:
    """Store a contact within the caller's transaction; `change` and `details` go into its history."""
    record["UpdatedDateUTC"] = at
    records.save(database, tenant, [record])
    records.add_history(database, record["ContactID"], at=at, changes=change, user=user, details=details)
    event_type = webhook_outbox.CREATE if change == CREATED else webhook_outbox.UPDATE
    webhook_outbox.add_event(database, tenant, record["ContactID"], event_type, at)
