"""Read in Xero what its webhooks named, up to 40 ids a call. An id stays until the result of its read is stored."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, delete, or_, select, tuple_
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.lease import lease_is_free
from posxero.db.xero_change import XeroChange
from posxero.domain.enums import ChangeCategory, DriftKind
from posxero.services.drift import schedule
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.copies import GONE, Reading, refresh
from posxero.services.drift.echoes import is_echo
from posxero.services.drift.lookup import look_up
from posxero.services.owed import OWED
from posxero.settings import Timings
from posxero.xero.client import MAX_IDS
from posxero.xero.ports import XeroPorts

BATCH: Final = 5 * MAX_IDS  # rows of the inbox that are looked at together


class Batch(NamedTuple):
    """Rows of the inbox: those that need no read, and those to read. The rest waits for a push to be answered."""

    to_drop: Sequence[Row[Any]]
    to_read: Sequence[Row[Any]]


def time_to_collect(session: Session, business_id: UUID, timings: Timings) -> timedelta:
    """Return how long to wait until the oldest id was collected for long enough. Ends the transaction."""
    now = database_time(session)
    oldest = session.scalar(
        select(XeroChange.received_at)
        .where(XeroChange.business_id == business_id)
        .order_by(XeroChange.received_at)
        .limit(1)
    )
    session.commit()
    wait = oldest + timings.webhook_delay - now if oldest else timedelta(0)
    return min(max(wait, timedelta(0)), timings.webhook_delay)


def read_changes(session: Session, business_id: UUID, ports: XeroPorts) -> bool:
    """Read what a business's inbox names, and refresh the copies of its links.

    Returns:
        Whether another turn is needed at once.
    """
    timings = ports.settings.timings
    if not schedule.claim(session, business_id, DriftKind.WEBHOOK, timings, now=database_time(session)):
        return False
    check = ClaimedCheck.load(session, business_id, DriftKind.WEBHOOK, ports)
    if check is None:
        return False
    return check.attempt(lambda: _read_all(check))


def _read_all(check: ClaimedCheck) -> bool:
    """Work off the inbox, until it is empty or the turn is over; return whether the turn ended first."""
    began_at = check.now()
    while True:
        batch = _next_batch(check)
        _drop(check, batch.to_drop)
        for chunk in _chunks(batch.to_read):
            if check.is_turn_over:
                check.record_success(began_at=began_at, due_at=None)
                return True
            _read_chunk(check, chunk)
        if not batch.to_drop and not batch.to_read:
            check.record_success(began_at=began_at, due_at=None)
            return False


def _next_batch(check: ClaimedCheck) -> Batch:
    """Look at the oldest rows of the inbox. Ends the transaction.

    Dropped are ids of contacts that are not linked here, of links whose push will say what Xero holds, and echoes of
    our own writes. A link that is being pushed waits for the answer: then it tells whether the event was an echo.
    """
    now = database_time(check.session)
    same = and_(
        Link.business_id == XeroChange.business_id,
        Link.tenant_id == XeroChange.tenant_id,
        Link.xero_id == XeroChange.xero_id,
        XeroChange.category == ChangeCategory.CONTACT,
    )
    stamp = Link.copy["updated_at"].as_string().label("stamp")
    is_left_to_push = and_(OWED, Link.state.not_in(GONE)).label("is_left_to_push")
    rows = check.session.execute(
        select(XeroChange.id, XeroChange.xero_id, XeroChange.version, XeroChange.event_at)
        .add_columns(Link.id.label("link_id"), is_left_to_push, stamp)
        .outerjoin(Link, same)
        .where(XeroChange.business_id == check.row.business_id, XeroChange.tenant_id == check.row.tenant_id)
        .where(or_(Link.id.is_(None), lease_is_free(Link, now)))
        .order_by(XeroChange.id)
        .limit(BATCH)
    ).all()
    check.session.commit()
    day_limit = check.ports.settings.xero.day_limit
    needless = [
        row for row in rows if not row.link_id or row.is_left_to_push or is_echo(row.event_at, row.stamp, day_limit)
    ]
    dropped = {row.id for row in needless}
    return Batch(needless, [row for row in rows if row.id not in dropped])


def _read_chunk(check: ClaimedCheck, chunk: Sequence[Row[Any]]) -> None:
    """Read a chunk in Xero; store what it shows and remove its ids in one transaction.

    Raises:
        XeroError: Nothing is known of the chunk, and its ids stay.
    """
    read_at = check.now()
    found = look_up(check, [row.xero_id for row in chunk])
    reading = Reading(check.row.business_id, check.row.tenant_id, found, read_at)
    with writing(check.session):
        looked_at = refresh(check.session, reading, now=read_at)
        _remove(check, [row for row in chunk if row.xero_id in looked_at or row.xero_id not in found])


def _drop(check: ClaimedCheck, rows: Sequence[Row[Any]]) -> None:
    if rows:
        with writing(check.session):
            _remove(check, rows)


def _remove(check: ClaimedCheck, rows: Sequence[Row[Any]]) -> None:
    """Remove rows of the inbox whose version is as it was; the caller commits.

    They are locked in the order in which webhooks write them.
    """
    ours = (XeroChange.business_id == check.row.business_id, XeroChange.id.in_([row.id for row in rows]))
    locked = select(XeroChange.id).where(*ours).order_by(XeroChange.category, XeroChange.xero_id)
    check.session.execute(locked.with_for_update()).all()
    as_read = tuple_(XeroChange.id, XeroChange.version).in_([(row.id, row.version) for row in rows])
    statement = delete(XeroChange).where(ours[0], as_read)
    check.session.execute(statement.execution_options(synchronize_session=False))


def _chunks(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    for start in range(0, len(rows), MAX_IDS):
        yield rows[start : start + MAX_IDS]
