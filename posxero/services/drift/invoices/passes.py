"""Carry a pass over Xero's invoices forward, in slices of a worker's time.

The poll reads what changed, as that of contacts does. At night every invoice on which something is due is read, and
once as soon as a shop sells on account: the poll never shows what was open before and has not changed since.
"""

from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.sale import IS_UNPAID, Sale
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.services.drift import inbox, nightly_walk
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.inbox import Resource
from posxero.services.drift.invoices import balances, other_invoices
from posxero.services.drift.invoices.copies import InvoiceReading, store
from posxero.services.drift.pages import MIN_PAGE_SIZE, Place
from posxero.services.drift.schedule import lease_duration
from posxero.xero.errors import Incomplete, TooLarge, TooSlow
from posxero.xero.invoice_pages import InvoicesPage
from posxero.xero.ports import XeroPorts

OVERLAP: Final = timedelta(minutes=2)
WRITE_BATCH: Final = 50  # invoices that are written in one transaction
CHUNK: Final = 1000
MAX_UNSEEN: Final = 200  # sales of one pass that are read alone; the next pass finds the others


def run(session: Session, business_id: UUID, kind: DriftKind, ports: XeroPorts) -> bool:
    """Carry the claimed pass of a business forward for one slice.

    Returns:
        Whether another slice is needed at once.
    """
    check = ClaimedCheck.load(session, business_id, kind, ports)
    if check is None:
        return False
    place = Place.of(check)
    return check.attempt(lambda: _run_slice(check, place), place=place.columns)


def _run_slice(check: ClaimedCheck, place: Place) -> bool:
    """Read pages until the last or until the slice is over; return whether the slice ended first."""
    while not check.is_slice_over:
        if _read_page(check, place):
            balances.read_marked(check)
            _complete(check, place)
            return False
    check.settle(**place.columns(), lease_until=check.now() + lease_duration(check.ports.settings.timings))
    return True


def _read_page(check: ClaimedCheck, place: Place) -> bool:
    """Read the next page and store it; return whether it was the last.

    Raises:
        XeroError: The page was not read; one that is too large is asked for again, half as long.
    """
    read_at, since = check.now(), _modified_since(check, place)
    try:
        page = check.call(lambda client: client.invoices_page(place.page + 1, place.page_size, modified_since=since))
    except (TooLarge, TooSlow) as error:
        may_be_outage = isinstance(error, TooSlow) and not check.row.tries
        if not may_be_outage and place.page_size > MIN_PAGE_SIZE:
            place.restart(page_size=max(place.page_size // 2, MIN_PAGE_SIZE))
            return False
        raise
    if place.page > 0 and page.item_count < place.item_count:
        place.restart()
        raise Incomplete("the list became shorter while it was read")
    _store(check, page, read_at)
    if check.row.kind is DriftKind.OPEN_INVOICES:
        place.seen.update(invoice.invoice_id.bytes for invoice in page.invoices)
    place.page, place.item_count = place.page + 1, page.item_count
    return page.is_last


def _store(check: ClaimedCheck, page: InvoicesPage, read_at: datetime) -> None:
    """Store a page, some invoices in one transaction; those of sales that are being pushed are read later."""
    row = check.row
    for start in range(0, len(page.invoices), WRITE_BATCH):
        chunk = page.invoices[start : start + WRITE_BATCH]
        with writing(check.session):
            reading = InvoiceReading.of(row.business_id, row.tenant_id, chunk, read_at)
            _mark_invoices(check, store(check.session, reading, now=read_at), read_at)


def _complete(check: ClaimedCheck, place: Place) -> None:
    """Note that every page was read, and when the next pass is due; commits."""
    row = check.row
    if row.kind is DriftKind.INVOICES:
        check.record_success(began_at=place.began_at, due_at=check.next_poll_at())
        return
    due_at = nightly_walk.due_after(check)
    with writing(check.session):
        other_invoices.remove_unseen(check.session, row.business_id, row.tenant_id, before=place.began_at)
        _mark_invoices(check, _unseen_sales(check, place), place.began_at)
    check.record_success(began_at=place.began_at, due_at=due_at)


def _unseen_sales(check: ClaimedCheck, place: Place) -> set[UUID]:
    """Return the invoices of sales that are open as far as we know, and were not among the open ones."""
    query = select(Sale.xero_id).where(
        Sale.business_id == check.row.business_id, Sale.tenant_id == check.row.tenant_id, IS_UNPAID, Sale.xero_due > 0
    )
    sent_before = query.where(Sale.sent_at < place.began_at).execution_options(yield_per=CHUNK)
    unseen = (one for one in check.session.scalars(sent_before) if one and one.bytes not in place.seen)
    return set(islice(unseen, MAX_UNSEEN))


def _mark_invoices(check: ClaimedCheck, ids: set[UUID], now: datetime) -> None:
    row = check.row
    resources = [Resource(row.business_id, row.tenant_id, ChangeCategory.INVOICE, one) for one in ids]
    inbox.store(check.session, dict.fromkeys(resources), now=now)


def _modified_since(check: ClaimedCheck, place: Place) -> datetime | None:
    """Return the time from which a poll reads; None for a pass over every open invoice."""
    if check.row.kind is DriftKind.OPEN_INVOICES:
        return None
    return min(check.row.began_at or check.connection.connected_at, place.began_at) - OVERLAP
