"""A pass over a list of Xero's, page by page, in slices of a worker's time: what contacts and invoices share.

A poll reads what changed since the last poll that worked began, with an overlap: Xero filters by whole seconds, and its
clock is not ours. While Xero is away the same time stays, so that the pass after it catches up. The others read all.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from posxero.domain.drift_kinds import DriftKind
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.pages import MIN_PAGE_SIZE, PassCheckpoint
from posxero.services.drift.schedule import lease_duration
from posxero.xero.client import XeroClient
from posxero.xero.errors import Incomplete, TooLarge, TooSlow

OVERLAP: Final = timedelta(minutes=2)
POLLS: Final = (DriftKind.POLL, DriftKind.INVOICES)  # the others read everything


class Page(Protocol):
    """One page of a list."""

    @property
    def item_count(self) -> int:
        """How many items the whole list has, as this page says."""


PageT = TypeVar("PageT", bound=Page)


class PagedPass(ABC, Generic[PageT]):
    """A pass of a claimed check; each list says how it is read and stored."""

    def __init__(self, check: ClaimedCheck) -> None:
        """Begin a pass, or continue the one that is under way."""
        self.check = check
        self.place = PassCheckpoint.of(check)

    @abstractmethod
    def fetch(self, client: XeroClient, number: int, *, modified_since: datetime | None) -> PageT:
        """Ask Xero for a page, in one call."""

    @abstractmethod
    def store(self, page: PageT, *, read_at: datetime) -> None:
        """Store what a page shows; commits."""

    @abstractmethod
    def is_last(self, page: PageT) -> bool:
        """Return whether nothing follows the page that was stored last."""

    @abstractmethod
    def complete(self) -> None:
        """Note that every page was read, and when the next pass is due; commits."""

    def is_needed(self) -> bool:
        """Return whether Xero needs to be asked at all. Ends the transaction."""
        return True

    def run_slice(self) -> bool:
        """Read pages until the last or until the slice is over; return whether the slice ended first.

        What stops it is recorded on the check, with the place from which the next slice continues.
        """
        return self.check.attempt(self._read_pages, place=self.place.columns)

    def _read_pages(self) -> bool:
        check = self.check
        while not check.is_slice_over:
            if not self.is_needed() or self._read_page():
                self.complete()
                return False
        check.settle(**self.place.columns(), lease_until=check.now() + lease_duration(check.ports.settings.timings))
        return True

    def _read_page(self) -> bool:
        """Read the next page and store it; return whether it was the last.

        Raises:
            XeroError: The page was not read; one that is too large is asked for again, half as long.
        """
        check, place = self.check, self.place
        read_at, since = check.now(), self._modified_since()
        try:
            page = check.call(lambda client: self.fetch(client, place.page + 1, modified_since=since))
        except (TooLarge, TooSlow) as error:
            may_be_outage = isinstance(error, TooSlow) and not check.row.tries
            if not may_be_outage and place.page_size > MIN_PAGE_SIZE:
                place.restart(page_size=max(place.page_size // 2, MIN_PAGE_SIZE))
                return False
            raise
        if place.has_shrunk(page.item_count):
            place.restart()
            raise Incomplete("the list became shorter while it was read")
        self.store(page, read_at=read_at)
        place.advance(page.item_count)
        return self.is_last(page)

    def _modified_since(self) -> datetime | None:
        """Return the time from which a poll reads; None for a pass that reads everything."""
        if self.check.row.kind not in POLLS:
            return None
        return min(self.check.row.began_at or self.check.connection.connected_at, self.place.began_at) - OVERLAP
