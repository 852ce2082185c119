"""What stands beside a badge: when it was sent, when it will be, or why it was not; and what an act came to."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from posxero.db.contact import Link
from posxero.domain.enums import ConnectionState, SyncState
from posxero.services.push.due import PERSON_WAITS
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.services.wait_reasons import BACKLOG_WAITS
from posxero.web.times import format_time, upcoming

CHANGED: Final = "Someone changed it in Xero. Your details are kept."
SHORT_WAIT: Final = timedelta(minutes=1)  # which nobody need be told of
DIFFERS: Final = "Xero has different details. Your details are kept."


class Action(StrEnum):
    """What a person did with a contact, and is told about until Xero has it."""

    KEPT = "kept"  # a save of which Xero need not hear
    SAVED = "saved"
    SENT = "sent"  # Send ours to Xero, Try again


def reason(state: SyncState, link: Link | None, status: ConnectionStatus, now: datetime) -> str:
    """Say it in one or two sentences; "" when the badge says all."""
    if link is None:
        return ""
    if state is SyncState.SYNCED:
        return (
            f"Sent to Xero {format_time(link.sent_at)}" if link.sent_at else f"Imported {format_time(link.linked_at)}"
        )
    if state is SyncState.WAITING:
        return _wait(link, status, now)
    if state is SyncState.PAUSED:
        return _pause(status, now)
    if state is SyncState.CHANGED:
        return DIFFERS if link.differs_since_linked else CHANGED
    return link.reason


def outcome(act: Action, name: str, state: SyncState, why: str) -> str:
    """Say what an act came to so far, as the badge of its contact has it.

    Args:
        name: The contact's.
        state: Of the badge.
        why: What stands beside the badge (`reason`).
    """
    if act is Action.KEPT or state is SyncState.NONE:
        return f"{name} saved."
    if state is SyncState.SYNCED:
        return f"{name} saved and sent to Xero." if act is Action.SAVED else f"{name} is up to date in Xero."
    if act is Action.SENT:
        return f"{name}: {why}"
    return f"{name} saved. {why}" if state is SyncState.WAITING else f"{name} saved here. {why}"


def _wait(link: Link, status: ConnectionStatus, now: datetime) -> str:
    if link.next_try_at is not None and link.next_try_at > now:
        return f"{link.reason} Next attempt {upcoming(link.next_try_at)}.".strip()
    backlog_until = status.connection.backlog_until if status.connection else None
    if backlog_until is not None and backlog_until > now + SHORT_WAIT and not _is_awaited(link, now):
        return f"{BACKLOG_WAITS} Next attempt {upcoming(backlog_until)}."
    return "Sending to Xero…"


def _is_awaited(link: Link, now: datetime) -> bool:
    """Return whether a person just saved it, so that it is sent before a backlog; `push.due.is_awaited` in SQL."""
    return link.owed_by_person and link.owed_at is not None and link.owed_at >= now - PERSON_WAITS


def _pause(status: ConnectionStatus, now: datetime) -> str:
    connection = status.connection
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        return "It will be sent when Xero is connected."
    if connection.paused_until is None or status.open(now):
        return "It will be sent shortly."
    return f"{connection.paused_reason} Sending resumes {upcoming(connection.paused_until)}."
