"""An import is never finished with contacts missing: a page that holds too little is not believed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from posxero.domain.enums import Phase
from tests.support.importing import accounted
from tests.support.transports import Spoiling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posxero.db.import_ import Import
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

Json = dict[str, Any]


@pytest.fixture
def spoil(importer: Importer) -> Iterator[Callable[..., Importer]]:
    """Let a function change the pages of contacts that the shop reads, ten contacts a page."""
    opened: list[httpx2.Client] = []

    def start(change: Callable[[httpx2.Request, Json], Json]) -> Importer:
        opened.append(httpx2.Client(transport=Spoiling(change)))
        importer.ports = dataclasses.replace(importer.ports, http=opened[-1])
        importer.page_size = 10
        return importer

    yield start
    for http in opened:
        http.close()


def patiently(importer: Importer, run: Import) -> Import:
    """Take turns, and wait out what the import waits for, until it is over."""
    for _ in range(60):
        run = importer.finish(run)
        if run.phase.is_over:
            return run
        importer.later += timedelta(hours=1, minutes=30)
    raise AssertionError(run.phase)


def number(request: httpx2.Request) -> int:
    return int(request.url.params["page"])


def without_last(body: Json) -> Json:
    return body | {"Contacts": body["Contacts"][:-1]}


def with_repeated(body: Json) -> Json:
    return body | {"Contacts": body["Contacts"][:-1] + body["Contacts"][:1]}


def empty(body: Json) -> Json:
    return body | {"Contacts": []}


def uncounted(body: Json) -> Json:
    return {"Contacts": body["Contacts"][:3]}


def unlisted(body: Json) -> Json:
    return {"Status": "OK", "pagination": body["pagination"]}


def one_page(body: Json) -> Json:
    return body | {"pagination": body["pagination"] | {"pageCount": 1}}


WRONG = [without_last, with_repeated, empty, unlisted, one_page]


@pytest.mark.parametrize("wrong", [*WRONG, uncounted])
def test_a_page_that_holds_too_little_is_asked_for_again(
    spoil: Callable[..., Importer], wrong: Callable[[Json], Json]
) -> None:
    left = 2

    def change(_: httpx2.Request, body: Json) -> Json:
        nonlocal left
        left -= 1
        return wrong(body) if left >= 0 else body

    importer = spoil(change)
    run = importer.finish(importer.start())
    assert (run.phase, run.page, run.lease_token) == (Phase.READING, 0, None)
    assert run.paused_reason == "Xero's response was incomplete. Asking again."
    run = patiently(importer, run)
    assert (run.phase, run.read, accounted(run), run.tries) == (Phase.FINISHED, 50, 50, 0)


@pytest.mark.parametrize("wrong", [without_last, empty])
def test_a_page_that_stays_incomplete_ends_the_import_in_words(
    spoil: Callable[..., Importer], wrong: Callable[[Json], Json]
) -> None:
    importer = spoil(lambda request, body: wrong(body) if number(request) == 3 else body)
    run = patiently(importer, importer.start())
    assert (run.phase, run.page, run.added) == (Phase.FAILED, 2, 0)
    assert run.error.startswith("Xero's list of contacts was incomplete 8 times.")


def test_a_page_that_is_given_twice_is_noticed_in_the_end(spoil: Callable[..., Importer]) -> None:
    first: Json = {}

    def change(request: httpx2.Request, body: Json) -> Json:
        if number(request) == 1:  # read before the pages that are in flight together
            first["Contacts"] = body["Contacts"]
        return body | first if number(request) == 4 else body

    importer = spoil(change)
    run = patiently(importer, importer.start())
    assert (run.phase, run.restarts, run.read) == (Phase.FAILED, 3, 40)
    assert "contacts changed 4 times while we were reading them" in run.error


def test_a_contact_that_vanishes_in_the_walk_hides_none(spoil: Callable[..., Importer], xero: PracticeServer) -> None:
    """The contacts behind it move up by one place: the first of the next page is on none."""
    removed: list[str] = []

    def change(request: httpx2.Request, body: Json) -> Json:
        if number(request) == 2 and not removed:
            removed.append(body["Contacts"][0]["ContactID"])
            xero.remove(removed[0])
        return body

    importer = spoil(change)
    run = importer.finish(importer.start())
    assert (run.restarts, run.page, run.paused_until is not None) == (1, 0, True)
    run = patiently(importer, run)
    assert run.phase is Phase.FINISHED
    assert {str(importer.row(run, held["ContactID"]).xero_id) for held in xero.contacts()} == {
        held["ContactID"] for held in xero.contacts()
    }


def test_contacts_that_are_added_in_the_walk_are_no_reason_to_begin_again(
    spoil: Callable[..., Importer], xero: PracticeServer
) -> None:
    def change(request: httpx2.Request, body: Json) -> Json:
        if number(request) in {1, 3} and "If-Modified-Since" not in request.headers:
            xero.add(Name=f"Added at {number(request)}", IsCustomer=True)
        return body

    importer = spoil(change)
    run = importer.finish(importer.start())
    assert (run.phase, run.restarts, run.read) == (Phase.FINISHED, 0, len(xero.contacts()))
