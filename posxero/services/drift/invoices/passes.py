"""A pass over Xero's invoices.

The poll reads what changed, as that of contacts does. At night every invoice on which something is due is read, and
once as soon as a shop sells on account: the poll never shows what was open before and has not changed since.
"""

from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import select

from posxero.db.engine import writing
from posxero.db.sale import IS_UNPAID, Sale
from posxero.domain.chunks import chunks
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.services.drift import inbox, nightly_walk
from posxero.services.drift.inbox import Resource
from posxero.services.drift.invoices import balances, other_invoices
from posxero.services.drift.invoices.copies import InvoiceReading, store
from posxero.services.drift.paged_pass import PagedPass
from posxero.xero.client import XeroClient
from posxero.xero.invoice_pages import InvoicesPage

WRITE_BATCH: Final = 50  # invoices that are written in one transaction
CHUNK: Final = 1000
MAX_UNSEEN: Final = 200  # sales of one pass that are read alone; the next pass finds the others


class InvoicesPass(PagedPass[InvoicesPage]):
    """A pass over invoices: it refreshes what sales know of theirs, and the invoices that no sale made."""

    def fetch(self, client: XeroClient, number: int, *, modified_since: datetime | None) -> InvoicesPage:
        """Ask Xero for a page of invoices."""
        return client.invoices_page(number, self.place.page_size, modified_since=modified_since)

    def store(self, page: InvoicesPage, *, read_at: datetime) -> None:
        """Store a page, some invoices in one transaction; those of sales that are being pushed are read later."""
        row = self.check.row
        for chunk in chunks(page.invoices, WRITE_BATCH):
            with writing(self.check.session):
                reading = InvoiceReading.of(row.business_id, row.tenant_id, chunk, read_at)
                self._mark_invoices(store(self.check.session, reading, now=read_at), read_at)
        if row.kind is DriftKind.OPEN_INVOICES:
            self.place.seen.update(invoice.invoice_id.bytes for invoice in page.invoices)

    def is_last(self, page: InvoicesPage) -> bool:
        """Return whether nothing follows a page, as it says."""
        return page.is_last

    def complete(self) -> None:
        """Read the balances that are marked; note that every page was read, and when the next pass is due; commits."""
        check, row, began_at = self.check, self.check.row, self.place.began_at
        balances.read_marked(check)
        if row.kind is DriftKind.INVOICES:
            check.record_success(began_at=began_at, due_at=check.next_poll_at())
            return
        due_at = nightly_walk.due_after(check)
        with writing(check.session):
            other_invoices.remove_unseen(check.session, row.business_id, row.tenant_id, before=began_at)
            self._mark_invoices(self._unseen_sales(), began_at)
        check.record_success(began_at=began_at, due_at=due_at)

    def _unseen_sales(self) -> set[UUID]:
        """Return the invoices of sales that are open as far as we know, and were not among the open ones."""
        row = self.check.row
        query = select(Sale.xero_id).where(
            Sale.business_id == row.business_id, Sale.tenant_id == row.tenant_id, IS_UNPAID, Sale.xero_due > 0
        )
        sent_before = query.where(Sale.sent_at < self.place.began_at).execution_options(yield_per=CHUNK)
        unseen = (one for one in self.check.session.scalars(sent_before) if one and one.bytes not in self.place.seen)
        return set(islice(unseen, MAX_UNSEEN))

    def _mark_invoices(self, ids: set[UUID], now: datetime) -> None:
        """Put invoices into the inbox, to be read alone; the caller commits."""
        row = self.check.row
        resources = [Resource(row.business_id, row.tenant_id, ChangeCategory.INVOICE, one) for one in ids]
        inbox.store(self.check.session, dict.fromkeys(resources), now=now)
