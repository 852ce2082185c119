"""Read in Xero the invoices that its webhooks named, up to 40 a call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.lease import lease_is_free
from posxero.db.sale import Sale
from posxero.db.sales_settings import SalesSettings
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.echoes import is_echo
from posxero.services.drift import inbox
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.inbox import InboxBatch
from posxero.services.drift.invoices import other_invoices
from posxero.services.drift.invoices.copies import InvoiceReading, store
from posxero.xero.client import XeroClient
from posxero.xero.errors import Missing, TooLarge
from posxero.xero.invoice_shapes import Invoice

log = structlog.get_logger(__name__)


def read_inbox(check: ClaimedCheck) -> bool:
    """Drop and read the invoices of the inbox; return whether there were any.

    Dropped are echoes of our own writes, and everything while the shop does not sell on account.

    Raises:
        XeroError: Nothing is known of the invoices of the last call, and their ids stay.
    """
    day_limit = check.ports.settings.xero.day_limit

    def split(rows: Sequence[Row[Any]], now: datetime) -> InboxBatch:
        sales = _sales(check, [row.xero_id for row in rows], now)
        sells = _sells_on_account(check.session, check.row.business_id, check.row.tenant_id)
        to_drop, to_read = list[Row[Any]](), list[Row[Any]]()
        for row in rows:
            sale = sales.get(row.xero_id)
            if not sells or (sale is not None and is_echo(row.event_at, sale.xero_updated_at, day_limit)):
                to_drop.append(row)
            elif sale is None or sale.is_free:
                to_read.append(row)
        return InboxBatch(to_drop, to_read)

    return inbox.work_off(check, ChangeCategory.INVOICE, split, partial(_read_chunk, check))


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
