"""Read the organisation page by page; each page is stored with its checkpoint in one commit.

The walk goes by ContactID, archived contacts included. Then a second pass reads what changed since the walk began.

What may be missing, and how it shows:

- A page that holds less than its own count says is not taken (`xero.pages`): it is asked for again.
- A contact that is added during the walk moves those behind it back by one place. One of them is read twice, none is
  missed; the new one is read later in the walk, or by the second pass.
- A contact that vanishes during the walk moves those behind it forward, and the first of the next page would be on
  no page that we read. Xero archives contacts and hardly ever lets one vanish, but a count that is lower than that of
  the page before shows it: the walk starts over. The same for a count of pages that falls in the second pass.
- Pages that are in flight together (`page_reader`) may be answered in any order. When a contact was added after a page
  was answered, and before the page in front of it was, one contact may be on neither. Here too the count is lower than
  that of the page before; but the list only grew, so it is enough to ask for the page again. The pages of the second
  pass are read in turn: a contact that is edited twice leaves its count as it is.
- In the end as many different contacts must have been read, in both passes, as the last page of the walk counted.
  Every contact of then was listed on a page or was added since the walk began; so fewer means that some were never
  shown, whatever the single pages said: the walk starts over. A longer list is no reason to: contacts were added.

A walk starts over a few times (`waiting.restart_walk`), then the import fails in words. It is never finished with less.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.domain.enums import Phase
from posxero.services.drift.copies import Reading
from posxero.services.imports.errors import ContactsChanged, ImportFailed
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.page_reader import PageCall, PageReader, ReadPage, Source, catch_up_since, walk_start
from posxero.services.imports.staging import refresh_linked, stage
from posxero.services.xero_connection import access
from posxero.xero.client import XeroClient
from posxero.xero.errors import TooLarge, TooSlow
from posxero.xero.pages import ContactsPage
from posxero.xero.ports import XeroPorts
from posxero.xero.shapes import Contact

T = TypeVar("T")

MIN_PAGE_SIZE: Final = 100  # contacts a page; Xero's own default
PAGE_TOO_LARGE: Final = (
    "Xero's response is too large to read, even 100 contacts at a time. "
    "Find contacts with very long details in Xero, shorten them, then start again."
)


class XeroSource:
    """Reads from Xero with a good token each time, leaving the part of the limits that is kept for people's saves."""

    def __init__(self, lease: ImportLease, connection: Connection, ports: XeroPorts) -> None:
        self._lease = lease
        self._connection = connection
        self._ports = ports

    def contacts_page(self, page: int, page_size: int, *, modified_since: datetime | None) -> ContactsPage:
        """Read one page; a token that ran out meanwhile is refreshed. Ends the session's transaction."""
        return self._call(lambda client: client.contacts_page(page, page_size, modified_since=modified_since))

    @property
    def max_calls(self) -> int:
        """Return how many calls Xero takes at once."""
        return self._ports.settings.xero.concurrent_limit

    def open_call(self) -> PageCall:
        """Return what reads a page from any thread, with the token of now. Ends the session's transaction."""
        lease, now = self._lease, self._lease.clock()
        client = access.open_client(lease.session, self._connection, self._ports, now=now, is_background=True)
        return lambda page, page_size, since: client.contacts_page(page, page_size, modified_since=since)

    def contacts_by_ids(self, ids: Sequence[UUID]) -> list[Contact]:
        """Read up to 40 contacts, archived ones too; it may leave some out."""
        return self._call(lambda client: client.contacts_by_ids(ids))

    def contact_by_id(self, contact_id: UUID) -> Contact | None:
        """Read one contact, archived or not."""
        return self._call(lambda client: client.contact_by_id(contact_id))

    def _call(self, operation: Callable[[XeroClient], T]) -> T:
        lease, now = self._lease, self._lease.clock()
        return access.call(lease.session, self._connection, self._ports, operation, now=now, is_background=True)


def read(lease: ImportLease, source: Source) -> None:
    """Read pages until all is read or the slice is over.

    Raises:
        XeroError: Of the call that failed; all pages before it are stored.
        ContactsChanged: The pages do not add up.
        ImportFailed: Not even a small page can be read.
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    country = lease.session.get_one(Business, lease.run.business_id).country
    with PageReader(lease, source) as pages:
        while lease.run.phase is Phase.READING and (pages.has_next or not lease.is_slice_over):
            try:
                read = pages.next_page()
            except TooLarge:
                _halve_page_size(lease)
            except TooSlow:
                if not lease.run.tries or lease.run.page_size <= MIN_PAGE_SIZE:
                    raise
                _halve_page_size(lease)
            else:
                _store(lease, read, country)


def _store(lease: ImportLease, read: ReadPage, country: str) -> None:
    run, page, began = lease.run, read.page, read.asked_at
    if read.has_shrunk(run):
        raise ContactsChanged
    with lease.step() as columns:
        read_now = run.read + stage(lease.session, run, country, page.contacts)
        if not run.is_preview:
            found = {contact.contact_id: contact for contact in page.contacts}
            reading = Reading(run.business_id, run.tenant_id, found, began)
            refresh_linked(lease.session, reading, now=lease.now)
        started = walk_start(run, read)
        columns.update(page=read.number, page_count=page.page_count, read=read_now, tries=0, walk_started_at=started)
        columns["total"] = page.item_count if run.since is None else run.total
        if page.is_last(read.number, run.page_size):
            columns.update(catch_up(started) if run.since is None else _end_walk(lease, read_now))


def _end_walk(lease: ImportLease, read_now: int) -> dict[str, Any]:
    """Return the columns of an import that has read everything.

    Raises:
        ContactsChanged: Fewer contacts were read than the walk counted.
    """
    if read_now < lease.run.total:
        raise ContactsChanged
    return lease.phase_columns(Phase.MATCHING) | {"total": read_now}


def catch_up(started: datetime) -> dict[str, Any]:
    """Return the columns of an import that reads, from the first page, what changed since a walk started."""
    return {"page": 0, "page_count": 0, "since": catch_up_since(started)}


def _halve_page_size(lease: ImportLease) -> None:
    """Read from the first page again, half as much a page. What is stored is found again and not doubled.

    Raises:
        ImportFailed: The pages are as small as they get.
    """
    if lease.run.page_size <= MIN_PAGE_SIZE:
        raise ImportFailed(PAGE_TOO_LARGE)
    with lease.step() as columns:
        columns.update(page=0, page_count=0, page_size=max(lease.run.page_size // 2, MIN_PAGE_SIZE))
