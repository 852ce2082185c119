"""What happens here and in Xero while an import runs, or waits for its review."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Decision, Outcome, Phase
from posxero.services.imports import linking, review_rows
from posxero.services.imports.review import ReviewChoice
from tests.support.importing import decide, go_on
from tests.support.merges import merge_into

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer


def test_whoever_was_merged_during_the_review_gets_no_link(importer: Importer, xero: PracticeServer) -> None:
    kept = importer.add(name="Rua Tane Ltd", email="office@x.example")
    twin = importer.add(name="Rua Tane")
    there = xero.add(Name="Rua Tane", EmailAddress="rua@shop.example", IsCustomer=True)
    run = importer.finish(importer.start())
    decide(importer, run, {there["ContactID"]: ReviewChoice(Decision.LINK, twin.id)})
    merge_into(importer.session, importer.business, kept, twin)
    (shown,) = review_rows.page(importer.session, run, 1).rows
    assert shown.candidates == [], "nobody is asked to choose who is hidden"
    run = go_on(importer, run)
    row = importer.row(run, there["ContactID"])
    assert (run.phase, row.outcome) == (Phase.FINISHED, Outcome.REFUSED)
    assert row.reason == "Rua Tane was merged into another customer meanwhile. Import again to choose another."
    assert importer.session.scalars(select(Link).where(Link.contact_id.in_([kept.id, twin.id]))).all() == []


def test_a_balance_is_as_old_as_the_reading_however_long_the_review_took(
    importer: Importer, xero: PracticeServer
) -> None:
    importer.add(name="Rua Tane")
    there = xero.add(Name="Rua Tane", EmailAddress="rua@shop.example", IsCustomer=True)
    began = importer.clock()
    run = importer.finish(importer.start())
    assert run.phase is Phase.REVIEW
    decide(importer, run, {there["ContactID"]: ReviewChoice(Decision.SKIP)})
    importer.later = timedelta(hours=20)
    assert go_on(importer, run).phase is Phase.FINISHED
    read_at = importer.session.scalars(select(Link.balance_at)).all()
    assert read_at
    assert all(began <= at < began + timedelta(hours=1) for at in read_at if at is not None)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")  # SQLite has one writer at a time
def test_a_save_waits_until_the_link_is_there_that_tells_what_xero_is_owed(
    importer: Importer,
    xero: PracticeServer,
    make_session: Callable[[], Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = importer.add(name="Ana Mahana", email="ana@shop.example")
    xero.add(Name="Ana Mahana", EmailAddress="ana@shop.example", IsCustomer=True)
    fill, other = linking._fill, make_session()
    locked: list[UUID] = []

    def filling(*arguments: Any) -> Any:
        with pytest.raises(OperationalError):
            other.execute(select(Contact.id).where(Contact.id == ours.id).with_for_update(nowait=True))
        other.rollback()
        locked.append(ours.id)
        return fill(*arguments)

    monkeypatch.setattr(linking, "_fill", filling)
    run = importer.finish(importer.start())
    assert (run.phase, run.linked, locked) == (Phase.FINISHED, 1, [ours.id])
