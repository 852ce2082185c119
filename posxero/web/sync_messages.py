"""The sentences about a contact's sync: the detail beside its badge, and the message after an action."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from textwrap import shorten
from typing import Final

from posxero.db.contact import Link
from posxero.db.push_state import PushState
from posxero.domain.diff import Difference
from posxero.domain.enums import ConnectionState, SyncState
from posxero.services.push.due import MAX_PERSON_WAIT
from posxero.services.push.kinds.contact_reasons import split
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.services.wait_reasons import BACKLOG_WAITS
from posxero.web.times import format_time, upcoming

CHANGED_IN_XERO: Final = "Someone changed it in Xero. Your details are kept."
MIN_WAIT_SHOWN: Final = timedelta(minutes=1)  # a shorter wait is not mentioned
REPLACED_SHOWN: Final = 3  # values that a message names
VALUE_MAX: Final = 60  # characters of each
DIFFERS_FROM_XERO: Final = "Xero has different details. Your details are kept."


class Action(StrEnum):
    """What a person did with a contact; a message follows it until Xero has it."""

    KEPT = "kept"  # a save that changed nothing for Xero
    SAVED = "saved"
    SENT = "sent"  # Send ours to Xero, Try again


def badge_detail(state: SyncState, row: PushState | None, status: ConnectionStatus, now: datetime) -> str:
    """Return one or two sentences beside the badge: when it was or will be sent, or why not; "" when none is needed.

    What Xero says in its own words is left to the page of what was refused.
    """
    if row is None:
        return ""
    if state is SyncState.SYNCED:
        return _synced(row)
    if state is SyncState.WAITING:
        return _wait(row, status, now)
    if state is SyncState.PAUSED:
        return _pause(status, now)
    if isinstance(row, Link) and state is SyncState.CHANGED:
        return DIFFERS_FROM_XERO if row.differs_since_linked else CHANGED_IN_XERO
    return split(row.reason)[0]


def search_delay(reason: str, status: ConnectionStatus, now: datetime) -> str:
    """Return why a search among Xero's contacts has no answer yet; "" while Xero is being asked.

    Args:
        reason: What the last attempt met; "" before the first.
    """
    connection = status.connection
    if connection is None or connection.paused_until is None or status.may_send(now):
        return reason
    return f"{connection.paused_reason} The search continues {upcoming(connection.paused_until)}."


def action_message(action: Action, name: str, state: SyncState, detail: str) -> str:
    """Return the result of an action so far, as the badge of its contact shows it.

    Args:
        name: The contact's.
        state: Of the badge.
        detail: What stands beside the badge (`badge_detail`).
    """
    if action is Action.KEPT or state is SyncState.NONE:
        return f"{name} saved."
    if state is SyncState.SYNCED:
        return f"{name} saved and sent to Xero." if action is Action.SAVED else f"{name} is up to date in Xero."
    if action is Action.SENT:
        return f"{name}: {detail}"
    return f"{name} saved. {detail}" if state is SyncState.WAITING else f"{name} saved here. {detail}"


def replaced_message(replaced: Sequence[Difference]) -> str:
    """Return which of Xero's values a save replaces; the history has all of them in full."""
    shown = [f"{one.label}: {shorten(one.theirs, VALUE_MAX, placeholder='…') or 'empty'}" for one in replaced]
    more = f" and {len(shown) - REPLACED_SHOWN} more" if len(shown) > REPLACED_SHOWN else ""
    return f"This replaces what Xero had: {'; '.join(shown[:REPLACED_SHOWN])}{more}."


def _synced(row: PushState) -> str:
    if row.sent_at:
        return f"Sent to Xero {format_time(row.sent_at)}"
    if not isinstance(row, Link):
        return ""
    how = "Imported" if row.filled is None else "Linked"  # linking fills what was here before
    return f"{how} {format_time(row.linked_at)}"


def _wait(row: PushState, status: ConnectionStatus, now: datetime) -> str:
    if row.next_try_at is not None and row.next_try_at > now:
        return f"{row.reason} Next attempt {upcoming(row.next_try_at)}.".strip()
    backlog_until = status.connection.backlog_until if status.connection else None
    if backlog_until is not None and backlog_until > now + MIN_WAIT_SHOWN and not _is_awaited(row, now):
        return f"{BACKLOG_WAITS} Next attempt {upcoming(backlog_until)}."
    return "Sending to Xero…"


def _is_awaited(row: PushState, now: datetime) -> bool:
    """Return whether a person just saved it, so that it is sent before a backlog; `push.due.is_awaited` in SQL."""
    return row.owed_by_person and row.owed_at is not None and row.owed_at >= now - MAX_PERSON_WAIT


def _pause(status: ConnectionStatus, now: datetime) -> str:
    connection = status.connection
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        return "It will be sent when Xero is connected."
    if connection.paused_until is None or status.may_send(now):
        return "It will be sent shortly."
    return f"{connection.paused_reason} Sending resumes {upcoming(connection.paused_until)}."
