"""Read in Xero what its webhooks named, up to 40 ids a call. An id stays until the result of its read is stored.

Contacts are read here, invoices in `invoices.changes`, and then the balances of the contacts whose invoices changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.lease import lease_is_free
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.domain.echoes import is_echo
from posxero.services.drift import inbox, schedule
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.copies import GONE, Reading, refresh
from posxero.services.drift.invoices import balances
from posxero.services.drift.invoices import changes as invoice_changes
from posxero.services.drift.lookup import look_up
from posxero.services.owed import OWED
from posxero.settings import Timings
from posxero.xero.client import MAX_IDS
from posxero.xero.ports import XeroPorts

FIRST: Final = UUID(int=0)
BATCH: Final = 5 * MAX_IDS  # rows of the inbox that are looked at together


class Batch(NamedTuple):
    """Rows of the inbox: those that need no read, and those to read. The rest waits for a push to be answered.

    `last` is the last row that was looked at.
    """

    to_drop: Sequence[Row[Any]]
    to_read: Sequence[Row[Any]]
    last: UUID


def time_to_collect(session: Session, business_id: UUID, timings: Timings) -> timedelta:
    """Return how long to wait until the oldest id was collected for long enough. Ends the transaction."""
    now = database_time(session)
    oldest = session.scalar(
        select(XeroChange.received_at)
        .where(XeroChange.business_id == business_id, XeroChange.category != ChangeCategory.BALANCE)
        .order_by(XeroChange.received_at)
        .limit(1)
    )
    session.commit()
    wait = oldest + timings.webhook_delay - now if oldest else timedelta(0)
    return min(max(wait, timedelta(0)), timings.webhook_delay)


def read_changes(session: Session, business_id: UUID, ports: XeroPorts) -> bool:
    """Read what a business's inbox names, and refresh the copies of its links.

    Returns:
        Whether another slice is needed at once.
    """
    timings = ports.settings.timings
    if not schedule.claim(session, business_id, DriftKind.WEBHOOK, timings, now=database_time(session)):
        return False
    check = ClaimedCheck.load(session, business_id, DriftKind.WEBHOOK, ports)
    if check is None:
        return False
    return check.attempt(lambda: _read_all(check))


def _read_all(check: ClaimedCheck) -> bool:
    """Work off the inbox, until nothing is left to do or the slice is over; return whether the slice ended first.

    It is gone through again until it holds nothing new: an event during a read keeps the row where it was.
    """
    began_at, has_more = check.now(), True
    while has_more and not check.is_slice_over:
        found = [_read_inbox(check), invoice_changes.read_inbox(check)]
        has_more = any(found)
    balances.read_marked(check)
    check.record_success(began_at=began_at, due_at=None)
    return has_more


def _read_inbox(check: ClaimedCheck) -> bool:
    """Drop and read the rows of the inbox, the oldest first, until the slice is over; return whether there were any."""
    after, found = FIRST, False
    while (batch := _next_batch(check, after)) is not None:
        _drop(check, batch.to_drop)
        for chunk in _chunks(batch.to_read):
            if check.is_slice_over:
                return True
            _read_chunk(check, chunk)
        after, found = batch.last, found or bool(batch.to_drop or batch.to_read)
    return found


def _next_batch(check: ClaimedCheck, after: UUID) -> Batch | None:
    """Look at the rows of the inbox that follow another; None at its end. Ends the transaction.

    Dropped are ids of contacts that are not linked here, of links whose push will say what Xero holds, and echoes of
    our own writes. A link that is being pushed waits for the answer: then it tells whether the event was an echo.
    """
    now, day_limit = database_time(check.session), check.ports.settings.xero.day_limit
    rows = check.session.execute(
        select(XeroChange.id, XeroChange.xero_id, XeroChange.version, XeroChange.event_at)
        .where(XeroChange.business_id == check.row.business_id, XeroChange.tenant_id == check.row.tenant_id)
        .where(XeroChange.category == ChangeCategory.CONTACT, XeroChange.id > after)
        .order_by(XeroChange.id)
        .limit(BATCH)
    ).all()
    links = _links(check, [row.xero_id for row in rows], now)
    check.session.commit()
    return _split(rows, links, day_limit) if rows else None


def _split(rows: Sequence[Any], links: Mapping[UUID, Row[Any]], day_limit: int) -> Batch:
    """Split rows of the inbox into those to drop and those to read."""
    to_drop, to_read = list[Any](), list[Any]()
    for row in rows:
        link = links.get(row.xero_id)
        if link is None or link.is_left_to_push or is_echo(row.event_at, link.stamp, day_limit):
            to_drop.append(row)
        elif link.is_free:
            to_read.append(row)
    return Batch(to_drop, to_read, rows[-1].id)


def _links(check: ClaimedCheck, xero_ids: Sequence[UUID], now: datetime) -> dict[UUID, Row[Any]]:
    """Return what decides whether a read of linked contacts would tell anything, by their ids in Xero."""
    rows = check.session.execute(
        select(
            Link.xero_id,
            and_(OWED, Link.state.not_in(GONE), lease_is_free(Link, now)).label("is_left_to_push"),
            lease_is_free(Link, now).label("is_free"),
            Link.copy["updated_at"].as_string().label("stamp"),
        ).where(
            Link.business_id == check.row.business_id,
            Link.tenant_id == check.row.tenant_id,
            Link.xero_id.in_(xero_ids),
        )
    )
    return {row.xero_id: row for row in rows}


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
        balances.write(check.session, balances.find_changed(check.session, reading, is_fresh=True))
        done = [row for row in chunk if row.xero_id in looked_at or row.xero_id not in found]
        inbox.remove(check.session, check.row.business_id, done)


def _drop(check: ClaimedCheck, rows: Sequence[Row[Any]]) -> None:
    if rows:
        with writing(check.session):
            inbox.remove(check.session, check.row.business_id, rows)


def _chunks(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    for start in range(0, len(rows), MAX_IDS):
        yield rows[start : start + MAX_IDS]
