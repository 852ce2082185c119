"""Carry a pass over a list of Xero's forward. That over contacts is a poll, or the nightly walk over all of them."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.domain.drift_kinds import DriftKind
from posxero.services.drift import nightly_walk, pages
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.invoices.passes import InvoicesPass
from posxero.services.drift.paged_pass import PagedPass
from posxero.services.drift.schedule import INVOICE_KINDS
from posxero.xero.client import XeroClient
from posxero.xero.pages import ContactsPage
from posxero.xero.ports import XeroPorts

log = structlog.get_logger(__name__)


def run(session: Session, business_id: UUID, kind: DriftKind, ports: XeroPorts) -> bool:
    """Carry the claimed pass of a business forward for one slice.

    Returns:
        Whether another slice is needed at once.
    """
    check = ClaimedCheck.load(session, business_id, kind, ports)
    if check is None:
        return False
    return InvoicesPass(check).run_slice() if kind in INVOICE_KINDS else ContactsPass(check).run_slice()


class ContactsPass(PagedPass[ContactsPage]):
    """A pass over contacts: it refreshes the copies of links."""

    def is_needed(self) -> bool:
        """Return whether there is a link to refresh; without one Xero need not be asked. Ends the transaction."""
        row = self.check.row
        query = select(Link.id).where(Link.business_id == row.business_id, Link.tenant_id == row.tenant_id)
        found = self.check.session.scalar(query.limit(1)) is not None
        self.check.session.commit()
        return found

    def fetch(self, client: XeroClient, number: int, *, modified_since: datetime | None) -> ContactsPage:
        """Ask Xero for a page of contacts."""
        return client.contacts_page(number, self.place.page_size, modified_since=modified_since)

    def store(self, page: ContactsPage, *, read_at: datetime) -> None:
        """Refresh the links whose contacts a page shows; a walk notes which it saw."""
        pages.store(self.check, page, read_at=read_at)
        if self.check.row.kind is DriftKind.WALK:
            nightly_walk.note_seen(self.check, self.place, page)

    def is_last(self, page: ContactsPage) -> bool:
        """Return whether nothing follows the page that was stored last."""
        return page.is_last(self.place.page, self.place.page_size)

    def complete(self) -> None:
        """Note that every page was read, and when the next pass is due; commits."""
        check, place = self.check, self.place
        if check.row.kind is DriftKind.WALK:
            unseen = nightly_walk.look_for_unseen(check, place)
            log.info("drift.walked", business=str(check.row.business_id), contacts=place.item_count, unseen=unseen)
            due_at = nightly_walk.due_after(check)
        else:
            due_at = check.next_poll_at()
        check.record_success(began_at=place.began_at, due_at=due_at)
