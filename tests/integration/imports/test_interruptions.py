from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.import_ import Import
from posxero.domain.enums import Phase
from posxero.services.imports import adding, lease, matching, queries, reading
from posxero.services.imports.cancel import cancel
from posxero.services.imports.errors import AlreadyRunning, LeaseLost
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.staging import stage
from posxero.services.imports.start import start
from tests.support.importing import MANA, accounted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


@pytest.fixture
def small_steps(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make many pages and chunks of few contacts."""
    monkeypatch.setattr(adding, "ROWS_PER_COMMIT", 10)
    monkeypatch.setattr(matching, "ROWS_PER_COMMIT", 10)
    importer.page_size = 10


def seen_in(xero: PracticeServer) -> set[str]:
    customers = (c for c in xero.contacts() if c["IsCustomer"] or not c["IsSupplier"])
    return {c["ContactID"] for c in customers if c["ContactStatus"] == "ACTIVE"}


def linked(importer: Importer) -> set[str]:
    importer.session.rollback()
    return {str(found) for found in importer.session.scalars(select(Link.xero_id))}


@pytest.mark.usefixtures("small_steps")
def test_a_worker_killed_at_any_commit_costs_nothing(
    importer: Importer,
    xero: PracticeServer,
    make_session: Callable[[], Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every turn dies before or after its third commit; the next worker waits for the lease to run out."""
    importer.add(name="Somebody", email="somebody@shop.example")
    run = importer.start()
    kills, commits = 0, 0  # of these, the first claims the lease

    @contextmanager
    def dying(session: Session) -> Iterator[None]:
        nonlocal commits
        with writing(session):
            yield
            commits += 1
            if commits == 4 and kills % 2:
                raise Killed
        if commits == 4:
            raise Killed

    monkeypatch.setattr(lease, "writing", dying)
    while run.finished_at is None and kills < 100:
        commits, worker = 0, make_session()
        try:
            importer.turn(run, worker)
        except Killed:
            kills += 1
        worker.close()
        importer.later += timedelta(seconds=61)
        importer.session.rollback()
        run = queries.get(importer.session, run.business_id, run.id)
    assert kills > 5
    assert linked(importer) == seen_in(xero)
    assert run.read == accounted(run) == 50
    assert run.added == len(seen_in(xero)) == importer.count(Contact) - 1
    assert len(xero.calls("/api.xro/2.0/Contacts")) <= 6 + kills


def test_a_worker_that_lost_its_lease_stores_nothing(importer: Importer, make_session: Callable[[], Session]) -> None:
    run = importer.start()
    slow, quick = make_session(), make_session()
    turn = ImportLease.claim(slow, run.business_id, run.id, importer.ports.settings.timings, importer.clock)
    assert turn is not None
    importer.later += timedelta(seconds=61)
    importer.turn(run, quick)
    with pytest.raises(LeaseLost), turn.step() as columns:
        columns["page"] = 99
    assert queries.get(importer.session, run.business_id, run.id).page != 99


def test_two_workers_do_not_share_an_import(importer: Importer, make_session: Callable[[], Session]) -> None:
    run = importer.start()
    first, second = make_session(), make_session()
    timings = importer.ports.settings.timings
    assert ImportLease.claim(first, run.business_id, run.id, timings, importer.clock) is not None
    assert ImportLease.claim(second, run.business_id, run.id, timings, importer.clock) is None
    assert lease.due_imports(second, now=importer.clock()) == []
    assert lease.due_imports(second, now=importer.clock() + timedelta(seconds=61)) == [(run.business_id, run.id)]


@pytest.mark.parametrize("keys", [("one", "two"), ("same", "same")], ids=["two people", "double click"])
def test_two_people_start_at_once_and_see_one_import(
    importer: Importer, make_session: Callable[[], Session], keys: tuple[str, str]
) -> None:
    sessions, barrier = [make_session(), make_session()], Barrier(2)
    found: list[object] = []

    def press(session: Session, key: str) -> None:
        barrier.wait()
        options: dict[str, Any] = {"with_suppliers": False, "by": MANA, "now": importer.clock()}
        try:
            run = start(session, importer.jobs, importer.business.id, **options, idempotency_key=key)
            found.append(run.id)
        except AlreadyRunning as error:
            found.append(error.import_id)

    threads = [Thread(target=press, args=pair) for pair in zip(sessions, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert importer.session.scalar(select(func.count()).select_from(Import)) == 1


@pytest.mark.usefixtures("small_steps")
def test_contacts_that_change_during_the_walk_end_up_right(
    importer: Importer, xero: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = importer.start()
    pages = 0
    ours = sorted(seen_in(xero))
    renamed, archived = ours[0], ours[1]
    added: list[str] = []

    def staging(*args: Any) -> int:
        nonlocal pages
        pages += 1
        if pages == 3:
            xero.edit(renamed, Name="Renamed In The Walk")
            xero.edit(archived, ContactStatus="ARCHIVED")
            added.append(xero.add(Name="Added In The Walk", IsCustomer=True)["ContactID"])
        return stage(*args)

    monkeypatch.setattr(reading, "stage", staging)
    run = importer.finish(run)
    assert linked(importer) == seen_in(xero)
    assert importer.contact(renamed).name == "Renamed In The Walk"
    assert importer.contact(added[0]).name == "Added In The Walk"
    assert (run.read, accounted(run)) == (51, 51)


@pytest.mark.usefixtures("small_steps")
def test_an_edit_made_here_meanwhile_stays(
    importer: Importer, xero: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = importer.finish(importer.start())
    theirs = max(seen_in(xero))
    ours = importer.contact(theirs)

    def staging(session: Session, *args: Any) -> int:
        saved = update(Contact).where(Contact.id == ours.id).values(name="Ours", version=2, revision=2)
        session.execute(saved.execution_options(synchronize_session=False))
        return stage(session, *args)

    monkeypatch.setattr(reading, "stage", staging)
    second = importer.finish(importer.start())
    assert (second.phase, second.already_linked) == (Phase.FINISHED, first.added)
    kept = importer.contact(theirs)
    assert (kept.name, kept.version, kept.revision) == ("Ours", 2, 2)


@pytest.mark.usefixtures("small_steps")
def test_cancelling_stops_after_the_step_at_hand(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = importer.start()
    settle, steps = adding.settle, 0

    def settling(session: Session, *args: Any, **named: Any) -> dict[str, int]:
        nonlocal steps
        steps += 1
        counts = settle(session, *args, **named)
        if steps == 2:
            now = importer.clock()
            asked = update(Import).where(Import.id == run.id).values(cancel_asked_at=now)
            session.execute(asked.execution_options(synchronize_session=False))
        return counts

    monkeypatch.setattr(adding, "settle", settling)
    run = importer.finish(run)
    assert (run.phase, steps) == (Phase.CANCELLED, 2)
    assert run.finished_at is not None
    assert 0 < run.added == importer.count(Contact) < 20
    assert importer.start().id != run.id


def test_an_import_that_nobody_has_is_cancelled_at_once(importer: Importer) -> None:
    run = importer.start()
    ended = cancel(importer.session, run.business_id, run.id, by="Mana", now=importer.clock())
    assert (ended.phase, ended.added) == (Phase.CANCELLED, 0)
    assert cancel(importer.session, run.business_id, run.id, by="Mana", now=importer.clock()).phase is Phase.CANCELLED
    assert importer.turn(ended).phase is Phase.CANCELLED
