"""Pages are asked for ahead, stored in order, and never skipped."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Event, Lock
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from posxero.db.contact import Link
from posxero.db.import_ import Import
from posxero.domain.enums import Phase
from posxero.services.imports import reading, staging
from posxero.services.imports.page_reader import MAX_PAGES_AHEAD, ReadPage
from posxero.services.imports.reading import XeroSource
from posxero.xero.errors import Limited, TokenExpired, TooLarge, Unavailable, XeroError
from posxero.xero.pages import ContactsPage
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from posxero.services.imports.page_reader import PageCall
    from posxero.xero.shapes import Contact
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

    Ahead = Callable[[Callable[[PageCall, int, int, datetime | None], ContactsPage]], None]

CONTACTS = "/api.xro/2.0/Contacts"


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """Do something else in place of each call that is made ahead."""
    open_call = XeroSource.open_call

    def replace(act: Callable[[PageCall, int, int, datetime | None], ContactsPage]) -> None:
        def opened(source: XeroSource) -> PageCall:
            call = open_call(source)
            return lambda page, size, since: act(call, page, size, since)

        monkeypatch.setattr(XeroSource, "open_call", opened)

    return replace


def everything(importer: Importer, xero: PracticeServer) -> bool:
    """Whether each customer of Xero is here."""
    importer.session.rollback()
    there = {one["ContactID"] for one in xero.contacts() if one["IsCustomer"] or not one["IsSupplier"]}
    active = {one["ContactID"] for one in xero.contacts() if one["ContactStatus"] == "ACTIVE"}
    return {str(found) for found in importer.session.scalars(select(Link.xero_id))} == there & active


def test_three_pages_are_in_flight_and_no_more(importer: Importer, xero: PracticeServer, ahead: Ahead) -> None:
    """Three meet at a barrier, which breaks when one of them is not in flight with the others."""
    importer.page_size, barrier, lock = 7, Barrier(3, timeout=20), Lock()
    flying: list[int] = []
    most = 0

    def meet(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        nonlocal most
        with lock:
            flying.append(page)
            most = max(most, len(flying))
        if since is None and page <= 1 + MAX_PAGES_AHEAD:
            barrier.wait()
        try:
            return call(page, size, since)
        finally:
            with lock:
                flying.remove(page)

    ahead(meet)
    run = importer.finish(importer.start())
    assert (run.phase, run.read) == (Phase.FINISHED, 50)
    assert (most, flying) == (3, [])
    assert everything(importer, xero)
    assert len(xero.calls(CONTACTS)) == 8 + 1, "each page once, and what changed since"


def test_what_changed_meanwhile_is_asked_for_while_the_last_page_is_stored(
    importer: Importer, xero: PracticeServer, ahead: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.page_size, is_asked = 20, Event()

    def ask(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        found = call(page, size, since)
        if since is not None:
            is_asked.set()
        return found

    def store(session: Session, run: Import, country: str, contacts: Sequence[Contact]) -> int:
        if run.page == 2 and run.since is None:
            assert is_asked.wait(20)
        return staging.stage(session, run, country, contacts)

    ahead(ask)
    monkeypatch.setattr(reading, "stage", store)
    run = importer.finish(importer.start())
    assert (run.phase, run.read) == (Phase.FINISHED, 50)
    assert len(xero.calls(CONTACTS)) == 3 + 1, "what was asked for ahead is not asked for again"


@pytest.mark.parametrize("error", [Limited("concurrent", timedelta(seconds=1)), TokenExpired("expired")])
def test_a_call_that_is_refused_ahead_is_made_in_turn(
    importer: Importer, xero: PracticeServer, ahead: Ahead, error: XeroError
) -> None:
    def refuse(_call: PageCall, _page: int, _size: int, _since: datetime | None) -> ContactsPage:
        raise error

    importer.page_size = 10
    ahead(refuse)
    run = importer.finish(importer.start())
    assert (run.phase, run.read, run.tries) == (Phase.FINISHED, 50, 0)
    assert everything(importer, xero)


def test_a_page_that_fails_ahead_stops_there(importer: Importer, xero: PracticeServer, ahead: Ahead) -> None:
    failed: list[int] = []

    def fail(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        if page == 3 and not failed:
            failed.append(page)
            raise Unavailable("away")
        return call(page, size, since)

    importer.page_size = 10
    ahead(fail)
    run = importer.turn(importer.start())
    assert (run.page, run.tries, run.paused_until is None) == (2, 1, False)
    importer.later += run.paused_until - importer.clock()  # type: ignore[operator]
    assert importer.finish(run).read == 50
    assert everything(importer, xero)


@pytest.mark.slow
def test_a_page_that_is_too_large_ahead_halves_the_pages(
    importer: Importer, xero: PracticeServer, ahead: Ahead
) -> None:
    def too_large(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        if size == 200:
            raise TooLarge("large")
        return call(page, size, since)

    importer.page_size = 200
    for number in range(351):
        xero.add(Name=f"More {number:03}", IsCustomer=True)
    ahead(too_large)
    run = importer.finish(importer.start())
    assert (run.phase, run.page_size, run.read) == (Phase.FINISHED, 100, 401)
    assert everything(importer, xero)


def test_a_page_that_was_answered_before_the_list_grew_is_asked_for_again(
    importer: Importer, xero: PracticeServer, ahead: Ahead
) -> None:
    """The page in front of it was answered afterwards: the last contact of that page's list is on neither."""
    is_longer = Event()

    def hold(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        if page in {2, 4}:
            assert is_longer.wait(20)
        found = call(page, size, since)
        if page == 3 and not is_longer.is_set():
            xero.add(Name="Added", IsCustomer=True, ContactID=str(UUID(int=1)))
            is_longer.set()
        return found

    importer.page_size = 10
    ahead(hold)
    run = importer.finish(importer.start())
    assert (run.phase, run.restarts, run.read) == (Phase.FINISHED, 0, 51)
    assert everything(importer, xero)
    asked = sorted(call["query"]["page"] for call in xero.calls(CONTACTS))
    assert asked == ["1", "1", "2", "3", "3", "4", "5", "6"], "only page 3 twice; what changed since is page 1 again"


def test_what_changed_during_the_walk_is_read_page_by_page(
    importer: Importer, xero: PracticeServer, ahead: Ahead
) -> None:
    """A contact that is edited while these pages are read moves others, and only the order of the answers shows it."""
    ids = sorted(one["ContactID"] for one in xero.contacts())
    for number, one in enumerate(ids[1:29]):
        xero.edit(one, FirstName=f"Edited {number}")
    added = str(UUID(int=UUID(ids[19]).int + 1))
    asked: list[tuple[int, datetime | None]] = []

    def note(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        asked.append((page, since))
        if since is not None:
            xero.add(Name="Added", IsCustomer=True, ContactID=added)
        return call(page, size, since)

    importer.page_size = 10
    ahead(note)
    run = importer.finish(importer.start())
    assert (run.phase, run.restarts, run.read) == (Phase.FINISHED, 0, 51)
    assert everything(importer, xero)
    assert [page for page, since in asked if since is not None] == [1], "those behind it are not asked for ahead"


@pytest.mark.parametrize(
    ("page", "since", "items", "pages", "shrunk"),
    [
        (2, None, 51, 6, False),
        (2, None, 52, 6, False),
        (2, None, 50, 6, True),
        (2, None, 51, 5, True),
        (2, LONG_AGO, 50, 6, False),
        (2, LONG_AGO, 50, 5, True),
        (0, None, 50, 5, False),
    ],
)
def test_a_page_is_compared_with_the_one_before(
    page: int, since: datetime | None, items: int, pages: int, *, shrunk: bool
) -> None:
    """The total of an import is that of its walk: what changed meanwhile is fewer."""
    run = Import(total=51, page_count=6, page=page, since=since)
    assert ReadPage(page + 1, ContactsPage([], pages, items), LONG_AGO).has_shrunk(run) is shrunk


def test_few_calls_at_once_are_not_all_taken(
    open_importer: Callable[..., Importer], xero: PracticeServer, ahead: Ahead
) -> None:
    """With one place for imports, pages are read one after the other."""
    importer = open_importer(xero, POSXERO_XERO_CONCURRENT_LIMIT="3")
    asked: list[int] = []

    def note(call: PageCall, page: int, size: int, since: datetime | None) -> ContactsPage:
        asked.append(page)
        return call(page, size, since)

    importer.page_size = 10
    ahead(note)
    run = importer.finish(importer.start())
    assert (run.phase, run.read, asked) == (Phase.FINISHED, 50, [])
