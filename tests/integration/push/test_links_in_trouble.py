"""The page of links in trouble: causes with their numbers, cures for many at once, and a file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain import gone
from posxero.domain.enums import ActivityKind, LinkState
from posxero.services import owed
from posxero.services.push.kinds import contact_reasons as reasons
from posxero.services.push.links import bulk, trouble
from posxero.services.push.links.bulk import BulkCure
from posxero.services.push.links.trouble import Cause
from tests.support import factories
from tests.support.fakes import RecordingQueue
from tests.support.links_in_trouble import merge
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from tests.support.browser import Browser

REASONS = {
    Cause.NAME_TAKEN: ["The contact name Ann is already assigned to another contact."],
    Cause.NUMBER_TAKEN: ["Another contact has this contact number. Please enter a different contact number."],
    Cause.DETAILS: ["Email address must be valid."],
    Cause.OTHER: [],
}


@pytest.fixture
def kiwi(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def trouble_of(session: Session, business: Business, kiwi: Connection) -> Callable[..., Link]:
    """Add a customer whose link is in trouble for a cause."""

    def add(cause: Cause, name: str = "Ann", **columns: object) -> Link:
        contact = factories.add_contact(session, business, name)
        if cause in REASONS:
            stuck = factories.parked(reasons.why(name, REASONS[cause]))
        else:
            state = LinkState(cause.value)
            stuck = {"state": state, "reason": gone.REASONS[state]}
        link = factories.add_link(session, contact, kiwi, sent_revision=0, **stuck)
        for column, value in columns.items():
            setattr(link, column, value)
        session.commit()
        return link

    return add


def numbers(session: Session, business: Business, kiwi: Connection) -> dict[Cause, int]:
    session.expire_all()
    found = dict(trouble.counts(session, business.id, kiwi.tenant_id))
    session.commit()
    return found


def cure(
    session: Session, business: Business, cause: Cause, chosen: BulkCure
) -> tuple[bulk.BulkResult, RecordingQueue]:
    jobs = RecordingQueue()
    return bulk.cure_all(session, business, cause, chosen, by="Mana", now=now(), jobs=jobs), jobs


def test_each_link_is_counted_under_its_cause(
    session: Session, business: Business, kiwi: Connection, trouble_of: Callable[..., Link]
) -> None:
    for cause in Cause:
        trouble_of(cause)
    fine = factories.add_contact(session, business, "Fine")
    factories.add_link(session, fine, kiwi)
    assert numbers(session, business, kiwi) == dict.fromkeys(Cause, 1)
    for cause in Cause:
        ((link, _),) = trouble.page(session, business.id, kiwi.tenant_id, cause, 1)
        assert (link.state is LinkState.PARKED) == (cause in REASONS)


def test_all_of_a_cause_are_tried_again(
    session: Session, business: Business, kiwi: Connection, trouble_of: Callable[..., Link]
) -> None:
    archived = [trouble_of(Cause.ARCHIVED) for _ in range(2)]
    trouble_of(Cause.OTHER)
    result, jobs = cure(session, business, Cause.ARCHIVED, BulkCure.TRY_AGAIN)
    assert (result.cured, jobs.pushes) == (2, [business.id])
    session.expire_all()
    assert [(link.state, link.verify_due) for link in archived] == [(LinkState.ACTIVE, True)] * 2
    assert numbers(session, business, kiwi) == {Cause.OTHER: 1}
    assert "Archived in Xero: 2." in session.scalars(select(Activity.note)).all()


def test_all_of_a_cause_are_unlinked_with_their_history_kept(
    session: Session,
    business: Business,
    kiwi: Connection,
    trouble_of: Callable[..., Link],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    for _ in range(5):
        trouble_of(Cause.ERASED)
    assert bulk.count(session, business.id, Cause.ERASED, BulkCure.UNLINK) == 5
    session.commit()
    result, _ = cure(session, business, Cause.ERASED, BulkCure.UNLINK)
    assert (result.cured, result.left) == (5, 0)
    assert numbers(session, business, kiwi) == {}
    assert session.query(Contact).count() == 5
    assert session.query(Activity).where(Activity.kind == ActivityKind.UNLINKED).count() == 5


def test_those_whose_survivor_is_free_follow_and_the_others_are_left(
    session: Session, business: Business, kiwi: Connection, trouble_of: Callable[..., Link]
) -> None:
    bob = factories.add_link(session, factories.add_contact(session, business, "Bob"), kiwi)
    free, taken, unknown = (trouble_of(Cause.MERGED) for _ in range(3))
    merge(free, uuid4())
    merge(taken, bob.xero_id)
    session.commit()
    assert bulk.count(session, business.id, Cause.MERGED, BulkCure.FOLLOW) == 2
    session.commit()
    result, _ = cure(session, business, Cause.MERGED, BulkCure.FOLLOW)
    assert (result.cured, result.left) == (1, 1)
    session.expire_all()
    assert [link.state for link in (free, taken, unknown)] == [LinkState.ACTIVE, LinkState.MERGED, LinkState.MERGED]


def test_all_that_xero_no_longer_has_are_created_again_as_a_backlog(
    session: Session, business: Business, kiwi: Connection, trouble_of: Callable[..., Link]
) -> None:
    lost = [trouble_of(Cause.MISSING) for _ in range(2)]
    contact_ids = {link.contact_id for link in lost}
    old_ids = {link.id for link in lost}
    session.commit()
    result, jobs = cure(session, business, Cause.MISSING, BulkCure.CREATE)
    assert (result.cured, result.left, jobs.pushes) == (2, 0, [business.id])
    assert numbers(session, business, kiwi) == {}
    links = session.scalars(select(Link)).all()
    assert {link.contact_id for link in links} == contact_ids
    assert old_ids.isdisjoint(link.id for link in links)
    assert [(link.xero_id, owed.is_owed(link), link.owed_by_person) for link in links] == [(None, True, False)] * 2


def test_a_cure_that_does_not_fit_the_cause_does_nothing(
    session: Session, business: Business, kiwi: Connection, trouble_of: Callable[..., Link]
) -> None:
    trouble_of(Cause.DETAILS)
    assert bulk.count(session, business.id, Cause.DETAILS, BulkCure.UNLINK) == 0
    session.commit()
    assert cure(session, business, Cause.DETAILS, BulkCure.UNLINK)[0].cured == 0
    assert numbers(session, business, kiwi) == {Cause.DETAILS: 1}


def test_the_number_is_named_before_and_asked_again_when_it_changed(
    session: Session,
    business: Business,
    kiwi: Connection,
    sign_in: Callable[[User], Browser],
    manager: User,
    trouble_of: Callable[..., Link],
) -> None:
    mana, asked = sign_in(manager), {"cause": "missing", "cure": "unlink"}
    trouble_of(Cause.MISSING)
    assert "Unlink 1 customer from Xero?" in mana.get("/sync/links/cure?cause=missing&cure=unlink").text
    trouble_of(Cause.MISSING)
    answer = mana.submit("/sync/links/cure", {**asked, "count": "1"})
    assert answer.status_code == 409
    assert "Unlink 2 customers from Xero?" in answer.text
    assert numbers(session, business, kiwi) == {Cause.MISSING: 2}
    assert mana.submit("/sync/links/cure", {**asked, "count": "2"}).location == "/sync/links"
    assert "2 unlinked. Nothing changed in Xero." in mana.get("/sync/links").text


def test_the_page_has_a_tab_for_each_cause_and_pages_of_fifty(
    sign_in: Callable[[User], Browser], manager: User, staff: User, trouble_of: Callable[..., Link]
) -> None:
    for number in range(51):
        trouble_of(Cause.ARCHIVED, f"Customer {number:02}")
    trouble_of(Cause.DETAILS, "Zoe")
    mana = sign_in(manager)
    shown = mana.get("/sync/links").text
    assert 'Archived in Xero <span class="count">51</span>' in shown
    assert shown.count('id="row-') == 50
    second = mana.get("/sync/links?page=2&cause=archived").text
    assert second.count('id="row-') == 1
    assert "Customer 50" in second
    assert mana.get("/sync/links?cause=details&page=9").text.count('id="row-') == 1
    assert sign_in(staff).get("/sync/links").status_code == 403


def test_the_bookkeeper_sees_them_and_leaves_the_cure_to_others(
    sign_in: Callable[[User], Browser], bookkeeper: User, trouble_of: Callable[..., Link]
) -> None:
    trouble_of(Cause.ARCHIVED, "Ann Smith")
    bo = sign_in(bookkeeper)
    assert "/sync/links" in bo.get("/sync").text
    shown = bo.get("/sync/links?cause=archived").text
    assert "Ann Smith" in shown
    assert "/sync/links/cure" not in shown
    assert bo.get("/sync/links/links.csv").status_code == 200
    assert bo.get("/sync/links/cure?cause=archived&cure=unlink").status_code == 403


def test_the_file_runs_no_formulas(
    sign_in: Callable[[User], Browser], manager: User, trouble_of: Callable[..., Link]
) -> None:
    trouble_of(Cause.OTHER, "=1+1")
    trouble_of(Cause.MERGED, "Bob")
    answer = sign_in(manager).get("/sync/links/links.csv?cause=other")
    assert answer.mimetype == "text/csv"
    heading, *lines = answer.text.removeprefix("\ufeff").splitlines()
    assert heading.startswith('"Name","Email"')
    assert [line.split(",")[0] for line in lines] == ['"\'=1+1"']
