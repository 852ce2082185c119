"""Read in Xero the invoices that its webhooks named, up to 40 a call."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.engine import writing
from posxero.db.lease import lease_is_free
from posxero.db.sale import Sale
from posxero.db.sales_settings import SalesSettings
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.echoes import is_echo
from posxero.services.drift import inbox
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.invoices import other_invoices
from posxero.services.drift.invoices.copies import InvoiceReading, store
from posxero.xero.client import MAX_IDS, XeroClient
from posxero.xero.errors import Missing, TooLarge
from posxero.xero.invoice_shapes import Invoice

FIRST: Final = UUID(int=0)
BATCH: Final = 5 * MAX_IDS  # rows of the inbox that are looked at together

log = structlog.get_logger(__name__)


class Batch(NamedTuple):
    """Rows of the inbox: those that need no read, and those to read. The rest waits for a push to be answered.

    `last` is the last row that was looked at.
    """

    to_drop: Sequence[Row[Any]]
    to_read: Sequence[Row[Any]]
    last: UUID


def read_inbox(check: ClaimedCheck) -> bool:
    """Drop and read the invoices of the inbox, oldest first, until the slice is over; return whether there were any.

    Dropped are echoes of our own writes, and everything while the shop does not sell on account.

    Raises:
        XeroError: Nothing is known of the invoices of the last call, and their ids stay.
    """
    after, found = FIRST, False
    while (batch := _next_batch(check, after)) is not None:
        with writing(check.session):
            inbox.remove(check.session, check.row.business_id, batch.to_drop)
        for chunk in _chunks(batch.to_read):
            if check.is_slice_over:
                return True
            _read_chunk(check, chunk)
        after, found = batch.last, found or bool(batch.to_drop or batch.to_read)
    return found


def _next_batch(check: ClaimedCheck, after: UUID) -> Batch | None:
    """Look at the invoices of the inbox that follow another; None at its end. Ends the transaction."""
    session, row = check.session, check.row
    now, day_limit = database_time(session), check.ports.settings.xero.day_limit
    rows = session.execute(
        select(XeroChange.id, XeroChange.xero_id, XeroChange.version, XeroChange.event_at)
        .where(XeroChange.business_id == row.business_id, XeroChange.tenant_id == row.tenant_id)
        .where(XeroChange.category == ChangeCategory.INVOICE, XeroChange.id > after)
        .order_by(XeroChange.id)
        .limit(BATCH)
    ).all()
    sales = _sales(check, [one.xero_id for one in rows], now) if rows else {}
    sells = bool(rows) and _sells_on_account(session, row.business_id, row.tenant_id)
    session.commit()
    if not rows:
        return None
    to_drop, to_read = list[Any](), list[Any]()
    for one in rows:
        sale = sales.get(one.xero_id)
        if not sells or (sale is not None and is_echo(one.event_at, sale.xero_updated_at, day_limit)):
            to_drop.append(one)
        elif sale is None or sale.is_free:
            to_read.append(one)
    return Batch(to_drop, to_read, rows[-1].id)


def _sales(check: ClaimedCheck, xero_ids: Sequence[UUID], now: datetime) -> Mapping[UUID, Any]:
    """Return what decides whether a read of the invoices of sales would tell anything, by their ids in Xero."""
    rows = check.session.execute(
        select(Sale.xero_id, Sale.xero_updated_at, lease_is_free(Sale, now).label("is_free")).where(
            Sale.business_id == check.row.business_id,
            Sale.tenant_id == check.row.tenant_id,
            Sale.xero_id.in_(xero_ids),
        )
    )
    return {row.xero_id: row for row in rows if row.xero_id is not None}


def _sells_on_account(session: Session, business_id: UUID, tenant_id: UUID) -> bool:
    has_settings = exists().where(SalesSettings.business_id == business_id, SalesSettings.tenant_id == tenant_id)
    return bool(session.scalar(select(has_settings)))


def _read_chunk(check: ClaimedCheck, chunk: Sequence[Row[Any]]) -> None:
    """Read a chunk in Xero; store what it shows and remove its ids in one transaction."""
    read_at, row = check.now(), check.row
    invoices, missing = _look_up(check, [one.xero_id for one in chunk])
    reading = InvoiceReading.of(row.business_id, row.tenant_id, invoices, read_at)
    with writing(check.session):
        left_out = store(check.session, reading, now=read_at)
        other_invoices.remove(check.session, row.business_id, row.tenant_id, missing)
        done = [one for one in chunk if one.xero_id not in left_out]
        inbox.remove(check.session, row.business_id, done)


def _look_up(check: ClaimedCheck, ids: Sequence[UUID]) -> tuple[list[Invoice], list[UUID]]:
    """Read up to 40 invoices; return them, and the ids that Xero says it does not have.

    One that the answer lacks is read alone: a list that lacks it does not say that Xero does.
    """
    try:
        found = {one.invoice_id: one for one in check.call(lambda client: client.invoices_by_ids(ids))}
    except TooLarge:
        found = {}
    missing = []
    for xero_id in ids:
        if xero_id in found:
            continue
        try:
            alone = _look_up_alone(check, xero_id)
        except Missing:
            missing.append(xero_id)
            continue
        if alone is not None:
            found[xero_id] = alone
    return [found[xero_id] for xero_id in ids if xero_id in found], missing


def _look_up_alone(check: ClaimedCheck, xero_id: UUID) -> Invoice | None:
    """Read an invoice by its own address; None when that tells nothing of it.

    Raises:
        Missing: Xero does not have it.
    """

    def read(client: XeroClient) -> Invoice | None:
        return client.invoice_by_id(xero_id)

    try:
        invoice = check.call(read)
    except TooLarge:
        invoice = None
    if invoice is None or invoice.invoice_id != xero_id:
        log.warning("drift.not_read", invoice=str(xero_id))
        return None
    return invoice


def _chunks(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    for start in range(0, len(rows), MAX_IDS):
        yield rows[start : start + MAX_IDS]
