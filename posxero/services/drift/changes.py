"""Read in Xero what its webhooks named, up to 40 ids a call. An id stays until the result of its read is stored.

Contacts are read here, invoices in `invoices.changes`, and then the balances of the contacts whose invoices changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
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
from posxero.domain.enums import GONE_STATES
from posxero.services.drift import inbox, schedule
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.copies import Reading, refresh
from posxero.services.drift.inbox import InboxBatch
from posxero.services.drift.invoices import balances
from posxero.services.drift.invoices import changes as invoice_changes
from posxero.services.drift.lookup import look_up
from posxero.services.owed import OWED
from posxero.settings import Timings
from posxero.xero.ports import XeroPorts


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
        found = [_read_contacts(check), invoice_changes.read_inbox(check)]
        has_more = any(found)
    balances.read_marked(check)
    check.record_success(began_at=began_at, due_at=None)
    return has_more


def _read_contacts(check: ClaimedCheck) -> bool:
    """Drop and read the contacts of the inbox; return whether there were any.

    Dropped are ids of contacts that are not linked here, of links whose push will say what Xero holds, and echoes of
    our own writes. A link that is being pushed waits for the answer: then it tells whether the event was an echo.
    """
    day_limit = check.ports.settings.xero.day_limit

    def split(rows: Sequence[Row[Any]], now: datetime) -> InboxBatch:
        links = _links(check, [row.xero_id for row in rows], now)
        to_drop, to_read = list[Row[Any]](), list[Row[Any]]()
        for row in rows:
            link = links.get(row.xero_id)
            if link is None or link.is_left_to_push or is_echo(row.event_at, link.stamp, day_limit):
                to_drop.append(row)
            elif link.is_free:
                to_read.append(row)
        return InboxBatch(to_drop, to_read)

    return inbox.work_off(check, ChangeCategory.CONTACT, split, partial(_read_chunk, check))


def _links(check: ClaimedCheck, xero_ids: Sequence[UUID], now: datetime) -> dict[UUID, Row[Any]]:
    """Return what decides whether a read of linked contacts would tell anything, by their ids in Xero."""
    rows = check.session.execute(
        select(
            Link.xero_id,
            and_(OWED, Link.state.not_in(GONE_STATES), lease_is_free(Link, now)).label("is_left_to_push"),
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
