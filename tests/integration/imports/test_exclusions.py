"""What a person chose never to import stays out of every import, until it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select

from posxero.db.excluded_contact import ExcludedContact
from posxero.domain.enums import Decision, Outcome, Phase
from posxero.services.errors import NotFound
from posxero.services.imports import exclusions, review
from posxero.services.imports.review import ReviewChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.db.business import User
    from posxero.db.import_ import Import
    from tests.support.browser import Browser
    from tests.support.importing import Importer
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]

THERE: dict[str, Any] = {"Name": "A. Smith", "EmailAddress": "ann@shop.example", "IsCustomer": True}


def decided(importer: Importer, run: Import, xero_id: str, decision: Decision) -> Import:
    review.decide(importer.session, run.business_id, run.id, {UUID(xero_id): ReviewChoice(decision)})
    now = importer.clock()
    review.continue_import(importer.session, importer.jobs, run.business_id, run.id, now=now, by="Rua")
    return importer.finish(run)


@pytest.fixture
def ann(importer: Importer, xero: PracticeServer) -> str:
    """A contact of Xero that may be a customer here."""
    importer.add(name="Ann Smith", email="ann@shop.example")
    found: str = xero.add(**THERE)["ContactID"]
    return found


def test_one_that_is_never_imported_is_left_out_with_that_reason(importer: Importer, ann: str) -> None:
    first = decided(importer, importer.finish(importer.start()), ann, Decision.NEVER)
    assert first.phase is Phase.FINISHED
    row = importer.row(first, ann)
    assert (row.outcome, row.reason, row.contact_id) == (Outcome.LEFT_OUT, exclusions.REASON, None)
    second = importer.finish(importer.start())
    assert (second.phase, second.added) == (Phase.FINISHED, 0), "nobody is asked"
    row = importer.row(second, ann)
    assert (row.outcome, row.reason) == (Outcome.LEFT_OUT, exclusions.REASON)
    kept = importer.session.scalars(select(ExcludedContact)).one()
    assert (kept.name, kept.excluded_by) == ("A. Smith", "Rua")
    assert exclusions.include(importer.session, first.business_id, kept.id) == "A. Smith"
    with pytest.raises(NotFound):
        exclusions.include(importer.session, first.business_id, kept.id)
    assert importer.finish(importer.start()).phase is Phase.REVIEW


def test_a_linked_contact_stays_linked_whatever_was_decided(importer: Importer, ann: str) -> None:
    run = decided(importer, importer.finish(importer.start()), ann, Decision.ADD)
    with pytest.raises(NotFound):
        exclusions.exclude(importer.session, run, UUID(ann), by="Rua", now=importer.clock())


def test_the_review_and_the_report_offer_it(importer: Importer, sign_in: SignIn, manager: User, ann: str) -> None:
    run = importer.finish(importer.start())
    browser, address = sign_in(manager), f"/imports/{run.id}"
    assert f'value="never-{ann}"' in browser.get(address).text
    browser.submit(f"{address}/decisions", {f"choice-{ann}": "skip", "press": f"never-{ann}"})
    assert "Will never be imported." in browser.get(address).text
    importer.session.rollback()
    assert importer.row(run, ann).decision is Decision.NEVER
    browser.submit(f"{address}/decisions", {f"choice-{ann}": "skip", "press": "continue"})
    run = importer.finish(run)
    assert run.skipped == 1
    report = browser.get(f"{address}?show=skipped").text
    assert "Never import this one" in report
    answer = browser.submit(f"{address}/contacts/{ann}/never?show=skipped&page=1", {})
    assert answer.location == f"{address}?show=skipped&page=1"
    assert "Never imported" in browser.get(answer.location).text
    listed = browser.get("/imports/never").text
    assert "A. Smith" in listed
    importer.session.rollback()
    kept = importer.session.scalars(select(ExcludedContact.id)).one()
    browser.submit(f"/imports/never/{kept}/delete", {})
    assert "Every contact may be imported" in browser.get("/imports/never").text
    part = browser.part(f"{address}/contacts/{ann}/never?show=skipped&page=1", "td", {}).text
    assert "Never imported" in part
    assert "A. Smith will never be imported." in part
    assert "<html" not in part
    importer.session.rollback()
    kept = importer.session.scalars(select(ExcludedContact.id)).one()
    browser.submit(f"/imports/never/{kept}/delete", {})
    assert browser.submit(f"/imports/never/{kept}/delete", {}).status_code == 404


def test_staff_see_the_list_and_change_nothing(importer: Importer, sign_in: SignIn, staff: User, ann: str) -> None:
    run = decided(importer, importer.finish(importer.start()), ann, Decision.NEVER)
    browser = sign_in(staff)
    listed = browser.get("/imports/never").text
    assert "A. Smith" in listed
    assert "Allow again" not in listed
    assert "Never import this one" not in browser.get(f"/imports/{run.id}?show=left_out").text
