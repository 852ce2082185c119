"""The place of a pass in a list of Xero's, and how a page of contacts is stored.

Every page is compared without a lock; only links that changed are written, a few in one transaction, with gaps, so that
nobody's save waits for a pass of 100,000 contacts. Memory holds one page.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from posxero.db.engine import writing_in_batches
from posxero.domain.chunks import chunks
from posxero.domain.drift_kinds import ChangeCategory
from posxero.services.drift import inbox
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.copies import Reading, find_changed, refresh
from posxero.services.drift.inbox import Resource
from posxero.services.drift.invoices import balances
from posxero.xero.pages import ContactsPage

MAX_PAGE_SIZE: Final = 1000  # items a page; Xero's own maximum
MIN_PAGE_SIZE: Final = 100
WRITE_BATCH: Final = 50  # links that are written in one transaction
ID_BYTES: Final = 16


@dataclass(slots=True)
class PassCheckpoint:
    """How far a pass is.

    Attributes:
        began_at: When its first page was asked for.
        page: Pages that were read.
        page_size: Items a page.
        item_count: Items of the list, as the last page said.
        seen: Ids of items that a pass over everything saw.
    """

    began_at: datetime
    page: int = 0
    page_size: int = MIN_PAGE_SIZE
    item_count: int = 0
    seen: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, check: ClaimedCheck) -> Self:
        """Return the place of the pass that is under way, or that of a new one."""
        row = check.row
        if row.pass_began_at is None:
            return cls(check.now(), page_size=MAX_PAGE_SIZE)
        seen = row.seen or b""
        ids = {seen[start : start + ID_BYTES] for start in range(0, len(seen), ID_BYTES)}
        return cls(row.pass_began_at, row.page, row.page_size, row.item_count, ids)

    def columns(self) -> dict[str, Any]:
        """Return the columns that keep the place."""
        return {
            "pass_began_at": self.began_at,
            "page": self.page,
            "page_size": self.page_size,
            "item_count": self.item_count,
            "seen": b"".join(sorted(self.seen)) or None,
        }

    def restart(self, *, page_size: int | None = None) -> None:
        """Go back to the first page. What changed since the pass began is read, whenever that was."""
        self.page = self.item_count = 0
        self.page_size = page_size or self.page_size
        self.seen.clear()

    def has_shrunk(self, item_count: int) -> bool:
        """Return whether the list became shorter, so that items moved to pages that were read already."""
        return self.page > 0 and item_count < self.item_count

    def advance(self, item_count: int) -> None:
        """Note that the next page was stored."""
        self.page, self.item_count = self.page + 1, item_count


def store(check: ClaimedCheck, page: ContactsPage, *, read_at: datetime) -> None:
    """Refresh the links whose contacts a page shows changed; commits.

    A link that another transaction was writing is put into the inbox, to be read again.
    """
    row, session = check.row, check.session
    found = {contact.contact_id: contact for contact in page.contacts if contact.contact_id.int}
    reading = Reading(row.business_id, row.tenant_id, found, read_at)
    changed = sorted(find_changed(session, reading, now=read_at))
    owed = balances.find_changed(session, reading)
    session.commit()
    for some in chunks(owed, WRITE_BATCH):
        with writing_in_batches(session):
            balances.write(session, some)
    for chunk in chunks(changed, WRITE_BATCH):
        with writing_in_batches(session):
            looked_at = refresh(session, reading.only(chunk), now=read_at)
            missed = [xero_id for xero_id in chunk if xero_id not in looked_at]
            resources = [Resource(row.business_id, row.tenant_id, ChangeCategory.CONTACT, one) for one in missed]
            inbox.store(session, dict.fromkeys(resources), now=read_at)
