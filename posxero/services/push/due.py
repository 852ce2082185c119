"""When a row may be claimed: the conditions in SQL, and in which order what is due is claimed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from posxero.db.base import UtcDateTime
from posxero.db.connection import Connection
from posxero.db.lease import is_over, lease_is_free
from posxero.db.push_state import PushState, is_owed
from posxero.domain import pauses
from posxero.domain.enums import ConnectionState, LinkState
from posxero.domain.pauses import CLOCK_STEP
from posxero.services.push.kinds import KINDS
from posxero.services.push.kinds.kind import PushKind

AnyKind = PushKind[Any, Any]

MAX_PERSON_WAIT: Final = timedelta(minutes=2)  # an older save joins the backlog: nobody watches its badge any more


class Priority(Enum):
    """What a claim holds, in the order in which items are claimed.

    Only PERSON may use up all of Xero's limits; the others leave a part of them to it.
    """

    PERSON = "person"  # saved in the last minutes
    BACKLOG = "backlog"  # what piled up in an outage, or was asked for in bulk
    CHECK = "check"  # nothing to send: Xero is read again after an unknown outcome or a restored backup


class DueBatch(NamedTuple):
    """What one claim may take: rows of a kind that meet a condition, at most so many.

    The condition has the time as parameters (`times_at`): drawing it up for every claim takes longer than running it.
    """

    priority: Priority
    kind: AnyKind
    condition: ColumnElement[bool]
    limit: int


class StatementTime:
    """The database's time in a statement that is drawn up once: a parameter, as is what is added to it."""

    def __clause_element__(self) -> ColumnElement[datetime]:
        return bindparam("now", type_=UtcDateTime())

    def __add__(self, step: timedelta) -> ColumnElement[datetime]:
        return bindparam(f"now_and_{step.total_seconds():.0f}_seconds", type_=UtcDateTime())

    def __sub__(self, step: timedelta) -> ColumnElement[datetime]:
        return self + -step


NOW: Final[Any] = StatementTime()  # in the place of a datetime


def times_at(now: datetime) -> dict[str, datetime]:
    """Return the parameters of a statement with `NOW`."""
    steps = (CLOCK_STEP, -MAX_PERSON_WAIT)
    return {"now": now, **{(NOW + step).key: now + step for step in steps}}


def is_due(kind: AnyKind, now: datetime) -> ColumnElement[bool]:
    """Return the condition on a row that it is owed, its time has come, and no worker holds it."""
    table = kind.table
    return and_(_waits_for_nothing(kind), is_over(table.snoozed_at, table.next_try_at, now), lease_is_free(table, now))


@cache
def _waits_for_nothing(kind: AnyKind) -> ColumnElement[bool]:
    """Return the part of `is_due` that is the same at every time: it is drawn up once, which takes longest."""
    return and_(is_owed(kind.table), kind.table.state == LinkState.ACTIVE, not_(kind.blocked()))


def is_awaited(table: type[PushState], now: datetime) -> ColumnElement[bool]:
    """Return the condition on a row that a person waits for it."""
    return and_(table.owed_by_person, func.coalesce(table.owed_at >= now - MAX_PERSON_WAIT, false()))


def is_check_due(table: type[PushState], now: datetime) -> ColumnElement[bool]:
    """Return the condition on a row that Xero is to be read again for it, and no push will do that."""
    pushed = and_(is_owed(table), table.state == LinkState.ACTIVE)
    is_time = and_(table.verify_again_at <= now, is_over(table.snoozed_at, table.next_try_at, now))
    return and_(is_time, not_(pushed), lease_is_free(table, now))


def may_send(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a connection that the consent holds and nobody asked us to wait."""
    return and_(
        Connection.state == ConnectionState.CONNECTED,
        is_over(Connection.paused_at, Connection.paused_until, now),
    )


def may_send_backlog(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a connection that more than people's saves may be sent."""
    return is_over(Connection.backlog_paused_at, Connection.backlog_until, now)


def due_businesses(session: Session, now: datetime) -> list[UUID]:
    """List the businesses with rows that may be pushed, or read, now."""
    return list(session.scalars(_due_businesses(), times_at(now)))


def is_anything_due(session: Session, business_id: UUID, now: datetime) -> bool:
    """Return whether a business has rows that may be pushed, or read, now. Ends the transaction."""
    found = session.scalar(_due_rows_of_business(), {**times_at(now), "of_business": business_id})
    session.commit()
    return found is not None


def batches(connection: Connection, awaited_kinds: Sequence[AnyKind], now: datetime) -> Iterator[DueBatch]:
    """List what may be claimed, first come first.

    Args:
        connection: Of the business.
        awaited_kinds: Of which kinds items that a person waits for are claimed as such.
        now: The database's time.
    """
    kinds = [kind for kind in KINDS if kind.is_enabled(connection)]
    backlog_may_go = pauses.is_over(connection.backlog_paused_at, connection.backlog_until, now)
    for priority in Priority:
        if priority is Priority.PERSON or backlog_may_go:
            for kind in kinds:
                if priority is not Priority.PERSON or kind in awaited_kinds:
                    yield from _batches_of(kind, priority)


@cache
def _batches_of(kind: AnyKind, priority: Priority) -> tuple[DueBatch, ...]:
    table, is_awaited_now, is_due_now = kind.table, is_awaited(kind.table, NOW), is_due(kind, NOW)
    if priority is Priority.PERSON:
        return (DueBatch(priority, kind, and_(is_due_now, is_awaited_now), kind.batch_size),)
    if priority is Priority.BACKLOG:
        waits = and_(is_due_now, not_(is_awaited_now))
        updates = DueBatch(priority, kind, and_(waits, table.xero_id.is_not(None)), kind.batch_size)
        creations = DueBatch(priority, kind, and_(waits, table.xero_id.is_(None)), kind.creations_batch_size)
        return (updates, creations) if kind.is_mutable else (creations,)
    return (DueBatch(priority, kind, is_check_due(table, NOW), kind.read_batch_size),) if kind.is_mutable else ()


@cache
def _due_businesses() -> CompoundSelect[UUID]:
    return union(*(each for kind in KINDS for each in _due_rows(kind)))


@cache
def _due_rows_of_business() -> CompoundSelect[UUID]:
    of_business: Any = bindparam("of_business")
    return union_all(
        *(each.where(kind.table.business_id == of_business) for kind in KINDS for each in _due_rows(kind))
    ).limit(1)


def _due_rows(kind: AnyKind) -> tuple[Select[UUID], Select[UUID]]:
    """Return the selects of the businesses with rows of a kind that may be pushed, or read: one for each index."""
    table = kind.table
    pair = and_(Connection.business_id == table.business_id, Connection.tenant_id == table.tenant_id)
    sendable = select(table.business_id).join(Connection, pair).where(may_send(NOW), kind.enabled_connections())
    owed = sendable.where(is_due(kind, NOW), or_(is_awaited(table, NOW), may_send_backlog(NOW)))
    return owed, sendable.where(is_check_due(table, NOW), may_send_backlog(NOW))
