"""Staged rows and Xero's answers are kept for a while; the counts and the history stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from posxero.db.activity import Activity, ActivityPayload
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.import_ import ImportRow
from posxero.domain.enums import Outcome
from posxero.services import sweep
from posxero.services.imports import pruning, queries, rereading, undo_preview

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer

MONTH = timedelta(days=30)


def swept(importer: Importer) -> int:
    """Sweep once; return how many rows are left."""
    sweep.run(importer.session, importer.jobs, importer.ports.settings.timings, now=importer.clock())
    return importer.session.scalar(select(func.count()).select_from(ImportRow)) or 0


def read_again(importer: Importer, run: Import) -> Import:
    importer.session.commit()
    return queries.get(importer.session, run.business_id, run.id)


def test_rows_go_in_small_steps_after_a_while(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "ROWS_PER_STEP", 20)
    run = importer.finish(importer.start())
    customers = importer.count(Contact)
    importer.later = MONTH - timedelta(minutes=5)
    assert swept(importer) == 50
    assert undo_preview.may_undo(read_again(importer, run))
    importer.later = MONTH + timedelta(minutes=5)
    assert swept(importer) == 30
    run = read_again(importer, run)
    assert (undo_preview.may_undo(run), run.has_rows) == (False, True), "half of a list undoes nothing"
    assert [swept(importer), swept(importer)] == [10, 0]
    run = read_again(importer, run)
    assert (run.has_rows, run.read, run.added) == (False, 50, customers)
    assert importer.count(Contact) == customers


def test_an_import_that_is_in_review_or_young_keeps_its_rows(importer: Importer) -> None:
    old = importer.finish(importer.start())
    importer.later = MONTH + timedelta(minutes=5)
    young = importer.finish(importer.start())
    running = importer.start()
    importer.turn(running)
    swept(importer)
    kept = set(importer.session.scalars(select(ImportRow.import_id).distinct()))
    assert young.id in kept
    assert old.id not in kept


def test_the_report_of_an_old_import_shows_its_counts(
    importer: Importer, sign_in: Callable[[User], Browser], manager: User
) -> None:
    run = importer.finish(importer.start())
    importer.later = MONTH + timedelta(minutes=5)
    swept(importer)
    run = read_again(importer, run)
    assert not rereading.may_repeat(run, Outcome.SKIPPED)
    browser = sign_in(manager)
    for address in (f"/imports/{run.id}", f"/imports/{run.id}?show=left_out&page=2"):
        page = browser.get(address).text
        assert f"{run.added:,} added" in page
        assert "The list of contacts is no longer kept." in page
        assert "Undo this import" not in page
        assert "CSV" not in page


def test_answers_of_xero_are_emptied_and_the_entries_stay(importer: Importer) -> None:
    run = importer.finish(importer.start())
    entry = importer.session.scalars(select(Activity).where(Activity.contact_id.is_not(None)).limit(1)).one()
    entry_id, importer.later = entry.id, timedelta()
    with writing(importer.session):
        payload = importer.session.get(ActivityPayload, (run.business_id, entry_id))
        if payload is None:
            payload = ActivityPayload(business_id=run.business_id, id=entry_id)
            importer.session.add(payload)
        payload.answer, payload.changes = '{"Contacts":[]}', [["name", "A", "B"]]

    def kept() -> tuple[str, list[list[str]], bool]:
        importer.session.expire_all()
        found = importer.session.get_one(ActivityPayload, (run.business_id, entry_id))
        return found.answer, found.changes, found.is_emptied

    swept(importer)
    assert kept() == ('{"Contacts":[]}', [["name", "A", "B"]], False)
    importer.later = MONTH + timedelta(minutes=5)
    swept(importer)
    assert kept() == ("", [["name", "A", "B"]], True)
    assert importer.session.get(Activity, (run.business_id, entry_id)) is not None
