"""When a link may be claimed: the conditions in SQL, and in which order what is due is claimed."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.db.lease import is_over
from posxero.domain import pauses
from posxero.domain.enums import ConnectionState, LinkState
from posxero.services.owed import OWED
from posxero.xero.client import IDS

BATCH_SIZE: Final = 50  # contacts a call; Xero's "Requests and responses" recommends no more
CREATIONS_BATCH_SIZE: Final = 4  # of a backlog: each is a call or two of its own, and a person's save may be waiting
PERSON_WAITS: Final = timedelta(minutes=2)  # an older save joins the backlog: nobody watches its badge any more


class Priority(Enum):
    """What a claim holds, in the order in which debts are claimed.

    Only PERSON may use up all of Xero's limits; the others leave a part of them to it.
    """

    PERSON = "person"  # saved in the last minutes
    BACKLOG = "backlog"  # what piled up in an outage, or was asked for in bulk
    CHECK = "check"  # nothing to send: Xero is read again after an unknown outcome or a restored backup


def is_unleased(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a link that no worker holds it."""
    return is_over(Link.leased_at, Link.lease_until, now)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a link that it is owed, its time has come, and no worker holds it."""
    return and_(
        OWED,
        Link.state == LinkState.ACTIVE,
        is_over(Link.snoozed_at, Link.next_try_at, now),
        is_unleased(now),
    )


def is_awaited(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a link that a person waits for it."""
    return and_(Link.owed_by_person, func.coalesce(Link.owed_at >= now - PERSON_WAITS, false()))


def is_check_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a link that Xero is to be read again for it, and no push will do that."""
    pushed = and_(OWED, Link.state == LinkState.ACTIVE)
    return and_(Link.verify_again_at <= now, not_(pushed), is_unleased(now))


def may_send(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a connection that the consent holds and nobody asked us to wait."""
    return and_(
        Connection.state == ConnectionState.CONNECTED,
        is_over(Connection.paused_at, Connection.paused_until, now),
    )


def may_send_backlog(now: datetime) -> ColumnElement[bool]:
    """Return the condition on a connection that more than people's saves may be sent."""
    return is_over(Connection.backlog_paused_at, Connection.backlog_until, now)


def due_links(now: datetime) -> tuple[Select[UUID], Select[UUID]]:
    """Return the selects of the businesses of links that may be pushed, or read, now: one for each index."""
    pair = and_(Connection.business_id == Link.business_id, Connection.tenant_id == Link.tenant_id)
    sendable = select(Link.business_id).join(Connection, pair).where(may_send(now))
    owed = sendable.where(is_due(now), or_(is_awaited(now), may_send_backlog(now)))
    return owed, sendable.where(is_check_due(now), may_send_backlog(now))


def is_anything_due(session: Session, business_id: UUID, now: datetime) -> bool:
    """Return whether a business has links that may be pushed, or read, now. Ends the transaction."""
    found = any(session.scalar(one.where(Link.business_id == business_id).limit(1)) for one in due_links(now))
    session.commit()
    return found


def batches(
    connection: Connection, priorities: Collection[Priority], now: datetime
) -> Iterator[tuple[Priority, ColumnElement[bool], int]]:
    """List what may be claimed: its priority, the condition on a link, and the most that one claim takes."""
    due, awaited = is_due(now), is_awaited(now)
    if Priority.PERSON in priorities:
        yield Priority.PERSON, and_(due, awaited), BATCH_SIZE
    if not pauses.is_over(connection.backlog_paused_at, connection.backlog_until, now):
        return
    if Priority.BACKLOG in priorities:
        yield Priority.BACKLOG, and_(due, not_(awaited), Link.xero_id.is_not(None)), BATCH_SIZE
        yield Priority.BACKLOG, and_(due, not_(awaited), Link.xero_id.is_(None)), CREATIONS_BATCH_SIZE
    if Priority.CHECK in priorities:
        yield Priority.CHECK, is_check_due(now), IDS
