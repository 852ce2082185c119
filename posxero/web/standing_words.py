"""What stands beside a badge: when it was sent, when it will be, or why it was not."""

from datetime import datetime

from posxero.db.contact import Link
from posxero.domain.words import ConnectionState, SyncState
from posxero.services.sync import Standing
from posxero.web.times import clock

CHANGED = "Someone changed it in Xero. Your details are kept."
DIFFERS = "Xero has different details. Your details are kept."


def reason(state: SyncState, link: Link | None, where: Standing, now: datetime) -> str:
    """Say it in one or two sentences; "" when the badge says all."""
    if link is None:
        return ""
    if state is SyncState.SYNCED:
        return f"Sent to Xero {clock(link.sent_at)}" if link.sent_at else f"Imported {clock(link.linked_at)}"
    if state is SyncState.WAITING:
        return _wait(link, now)
    if state is SyncState.PAUSED:
        return _pause(where, now)
    if state is SyncState.CHANGED:
        return DIFFERS if link.differs_since_linked else CHANGED
    return link.reason


def saved(name: str, state: SyncState, where: Standing, *, owed: bool) -> str:
    """Say what a save came to.

    Args:
        name: The contact's.
        state: Of its badge after the save.
        owed: Xero must hear of what was saved.
    """
    if not owed or state is SyncState.NONE:
        return f"{name} saved."
    if state is SyncState.GONE:
        return f"{name} saved here. Xero no longer takes changes to this contact."
    if state is SyncState.PAUSED:
        reachable = where.connection is not None and where.connection.state is ConnectionState.CONNECTED
        return f"{name} saved here. It will be sent when Xero {'takes calls again' if reachable else 'is connected'}."
    return f"{name} saved. Sending to Xero…"


def _wait(link: Link, now: datetime) -> str:
    if link.next_try_at is None or link.next_try_at <= now:
        return "Sending to Xero…"
    return f"{link.reason} Going on {clock(link.next_try_at)}.".strip()


def _pause(where: Standing, now: datetime) -> str:
    connection = where.connection
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        return "It will be sent when Xero is connected."
    if connection.paused_until is None or where.open(now):
        return "It will be sent shortly."
    return f"{connection.paused_reason} Going on {clock(connection.paused_until)}."
