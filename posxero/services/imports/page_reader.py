"""Read the pages of a walk in order, with the next ones in flight while earlier ones are stored.

Only the calls to Xero leave the worker's thread: the session stays in it, and the checkpoint stays the last page that
was stored without a gap. What was read ahead and is not stored is read again. Once the last page of the walk is
answered, what changed since the walk began is asked for, while that page is stored.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self

from posxero.db.import_ import Import
from posxero.services.imports.lease import ImportLease
from posxero.xero.errors import AccessDenied, ConsentLost, Limited, TokenExpired, XeroError
from posxero.xero.pages import ContactsPage

CATCH_UP_OVERLAP: Final = timedelta(minutes=5)  # Xero filters by whole seconds, and its clock is not ours
MAX_PAGES_AHEAD: Final = 3
PLACES_LEFT: Final = 2  # of Xero's calls at once: one for people, one that we never use (`xero.limits`)
ASKED_AGAIN: Final = (AccessDenied, ConsentLost, Limited, TokenExpired)  # they concern the call, not the page

PageCall = Callable[[int, int, datetime | None], ContactsPage]  # page, page size, modified since
Walk = tuple[int, datetime | None]  # page size, modified since


class Source(Protocol):
    """Where the pages come from: it reads the contacts of an organisation page by page."""

    @property
    def max_calls(self) -> int:
        """Return how many calls Xero takes at once."""

    def contacts_page(self, page: int, page_size: int, *, modified_since: datetime | None) -> ContactsPage:
        """Read one page, 1 the first, in the order of ids, archived contacts included.

        Raises:
            XeroError: It cannot be read now, or at all.
        """

    def open_call(self) -> PageCall:
        """Return what reads a page from any thread; it does not recover from a token that expired.

        Raises:
            XeroError: There is no good token.
        """


class ReadPage(NamedTuple):
    """A page with its number and the time before it was asked for."""

    number: int
    page: ContactsPage
    asked_at: datetime

    def has_shrunk(self, run: Import) -> bool:
        """Return whether its list is shorter than that of the page before: contacts may be on neither of the two."""
        if run.page == 0:
            return False
        is_fewer = run.since is None and self.page.item_count < run.total
        return is_fewer or self.page.page_count < run.page_count


class _PendingPage(NamedTuple):
    future: Future[ContactsPage]
    walk: Walk
    asked_at: datetime


class PageReader:
    """Reads the pages that follow an import's checkpoint. At its end no call is in flight."""

    def __init__(self, lease: ImportLease, source: Source) -> None:
        self._lease = lease
        self._source = source
        places = source.max_calls - PLACES_LEFT
        self._max_ahead = min(MAX_PAGES_AHEAD, places) if places > 1 else 0  # with one, pages are read in turn
        self._pool = ThreadPoolExecutor(MAX_PAGES_AHEAD, thread_name_prefix="import-page")
        self._pending: dict[int, _PendingPage] = {}

    def __enter__(self) -> Self:
        """Read within the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the calls in flight, and drop what they read."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def has_next(self) -> bool:
        """Return whether the page that follows the checkpoint was asked for already."""
        return self._pending_page(self._lease.run.page + 1) is not None

    def next_page(self) -> ReadPage:
        """Return the page that follows the checkpoint, and ask for those behind it. Ends the session's transaction.

        Raises:
            XeroError: It cannot be read now, or at all.
        """
        number = self._lease.run.page + 1
        read = self._finish(number)
        if read is None or read.has_shrunk(self._lease.run):  # answered first, before the list grew
            read = self._read(number)
        self._request_ahead(read)
        return read

    def _walk(self) -> Walk:
        return self._lease.run.page_size, self._lease.run.since

    def _pending_page(self, number: int) -> _PendingPage | None:
        return self._pending[number] if self._is_pending(number, self._walk()) else None

    def _is_pending(self, number: int, walk: Walk) -> bool:
        return number in self._pending and self._pending[number].walk == walk

    def _finish(self, number: int) -> ReadPage | None:
        """Return a page that was asked for ahead; None when there is none, or only the call failed."""
        pending = self._pending_page(number)
        self._pending.pop(number, None)
        if pending is None:
            return None
        self._lease.session.commit()  # no transaction is open while Xero is waited for
        try:
            return ReadPage(number, pending.future.result(), pending.asked_at)
        except ASKED_AGAIN:
            return None

    def _read(self, number: int) -> ReadPage:
        run, asked_at = self._lease.run, self._lease.clock()
        self._lease.session.commit()
        page = self._source.contacts_page(number, run.page_size, modified_since=run.since)
        return ReadPage(number, page, asked_at)

    def _request_ahead(self, read: ReadPage) -> None:
        """Ask for the next pages, unless the slice is over or there is no token; then they are asked for in turn."""
        wanted = [(number, walk) for number, walk in self._following(read) if not self._is_pending(number, walk)]
        if not wanted or self._lease.is_slice_over:
            return
        with suppress(XeroError):
            call, asked_at = self._source.open_call(), self._lease.clock()
            for number, walk in wanted:
                self._pending[number] = _PendingPage(self._pool.submit(call, number, *walk), walk, asked_at)
        self._lease.session.commit()

    def _following(self, read: ReadPage) -> list[tuple[int, Walk]]:
        """List the pages to be in flight behind one: those of its walk; behind the last, what changed meanwhile."""
        run, walk = self._lease.run, self._walk()
        if run.since is None and self._max_ahead and read.page.is_last(read.number, run.page_size):
            return [(1, (run.page_size, catch_up_since(walk_start(run, read))))]
        if run.since is not None:  # its count tells nothing (`has_shrunk`), so its pages are read in turn
            return []
        last = min(read.number + self._max_ahead, read.page.page_count)
        return [(number, walk) for number in range(read.number + 1, last + 1)]


def walk_start(run: Import, read: ReadPage) -> datetime:
    """Return when the walk began of which a page was just read."""
    return read.asked_at if read.number == 1 or run.walk_started_at is None else run.walk_started_at


def catch_up_since(started: datetime) -> datetime:
    """Return since when Xero is asked for changes after a walk that started then."""
    return started - CATCH_UP_OVERLAP
