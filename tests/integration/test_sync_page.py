"""Sync activity on screen: what needs attention, with its reason and its cure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.domain.enums import ActivityKind, ConnectionState, LinkState
from tests.support import factories
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

SignIn = "Callable[[User], Browser]"
REASON = "Another contact in Xero is called Ann Smith."


def add(session: Session, business: Business, kiwi: Connection, name: str, state: LinkState = LinkState.ACTIVE) -> UUID:
    """Add a customer whose push is owed, or was refused."""
    contact = factories.add_contact(session, business, name, at=now(), revision=2)
    reason = "" if state is LinkState.ACTIVE else REASON
    factories.add_link(session, contact, kiwi, at=now(), sent_revision=1, copy={}, state=state, reason=reason)
    if state is not LinkState.ACTIVE:
        told = Activity(business_id=business.id, at=now(), kind=ActivityKind.NOT_SENT, contact_id=contact.id)
        told.note, told.raw = REASON, '{"ValidationErrors": "raw"}'
        session.add(told)
    session.commit()
    return contact.id


@pytest.fixture
def failed(session: Session, business: Business) -> UUID:
    """A customer that Xero refused."""
    return add(session, business, factories.add_connection(session, business), "Ann <b>Smith</b>", LinkState.PARKED)


def test_what_was_refused_is_shown_with_its_reason_and_a_button(
    sign_in: Callable[[User], Browser], staff: User, failed: UUID
) -> None:
    page = sign_in(staff).get("/sync").text
    assert "Ann &lt;b&gt;Smith&lt;/b&gt;" in page
    assert REASON in page
    assert f"/sync/{failed}/try-again" in page
    assert "Try all failed again" not in page
    assert "ValidationErrors" not in page


def test_the_owner_reads_what_xero_answered(sign_in: Callable[[User], Browser], owner: User, failed: UUID) -> None:
    page = sign_in(owner).get("/sync?state=attention").text
    assert "ValidationErrors" in page
    assert "Try all failed again" in page
    assert str(failed) in page


def test_a_bookkeeper_reads_and_has_no_buttons(
    sign_in: Callable[[User], Browser], bookkeeper: User, failed: UUID
) -> None:
    browser = sign_in(bookkeeper)
    assert "Try again" not in browser.get("/sync").text
    assert browser.submit(f"/sync/{failed}/try-again").status_code == 403
    assert browser.submit("/sync/try-again").status_code == 403


def test_try_again_makes_it_wait(
    sign_in: Callable[[User], Browser], session: Session, staff: User, failed: UUID
) -> None:
    browser = sign_in(staff)
    answer = browser.submit(f"/sync/{failed}/try-again?state=attention")
    assert (answer.status_code, answer.location) == (303, "/sync?state=attention")
    link = session.query(Link).populate_existing().one()
    assert (link.state, link.reason) == (LinkState.ACTIVE, "")
    assert "Ann" in browser.get("/sync?state=waiting").text


def test_what_waits_for_a_new_consent_has_a_way_there_instead_of_a_button_that_cannot_help(
    sign_in: Callable[[User], Browser], session: Session, business: Business, owner: User, staff: User
) -> None:
    kiwi = factories.add_connection(session, business)
    address = f"/sync/{add(session, business, kiwi, 'Ann Smith')}/try-again"
    assert address in sign_in(staff).get("/sync?state=waiting").text
    kiwi.state = ConnectionState.LOST
    session.commit()
    for user, has_link in ((owner, True), (staff, False)):
        page = sign_in(user).get("/sync?state=waiting").text
        assert "Ann Smith" in page
        assert address not in page
        assert ("Reconnect<span" in page) is has_link


def test_what_waits_for_a_limit_has_no_button(
    sign_in: Callable[[User], Browser], session: Session, business: Business, staff: User
) -> None:
    kiwi = factories.add_connection(session, business)
    address = f"/sync/{add(session, business, kiwi, 'Ann Smith')}/try-again"
    kiwi.paused_at, kiwi.paused_until = now(), now() + timedelta(minutes=5)
    kiwi.paused_reason = "Xero's daily limit has been reached."
    session.commit()
    page = sign_in(staff).get("/sync?state=waiting").text
    assert "Xero&#39;s daily limit has been reached" in page
    assert address not in page


def test_a_manager_tries_all_again(
    sign_in: Callable[[User], Browser], session: Session, manager: User, failed: UUID
) -> None:
    browser = sign_in(manager)
    assert browser.submit("/sync/try-again").status_code == 303
    assert session.query(Link).populate_existing().one().state is LinkState.ACTIVE
    assert f"{failed}" not in browser.get("/sync").text
    assert browser.submit(f"/sync/{failed}/try-again", {"csrf_token": "wrong"}).status_code == 400


def test_another_business_sees_and_cures_nothing(
    sign_in: Callable[[User], Browser], session: Session, stranger: User, failed: UUID
) -> None:
    browser = sign_in(stranger)
    assert "Ann" not in browser.get("/sync").text
    assert browser.submit(f"/sync/{failed}/try-again").status_code == 404
    assert browser.submit("/sync/try-again").status_code == 303
    assert session.query(Link).populate_existing().one().state is LinkState.PARKED


@pytest.mark.parametrize("state", ["attention", "waiting", "done", "imports", "nonsense"])
def test_every_tab_stands_without_entries(sign_in: Callable[[User], Browser], owner: User, state: str) -> None:
    answer = sign_in(owner).get(f"/sync?state={state}&page=1")
    assert answer.status_code == 200
    assert "Needs attention" in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "7"])
def test_a_page_that_is_not_there_is_an_empty_page(sign_in: Callable[[User], Browser], owner: User, page: str) -> None:
    assert sign_in(owner).get(f"/sync?page={page}").status_code == 200


def test_a_long_list_has_older_pages(
    sign_in: Callable[[User], Browser], session: Session, business: Business, owner: User
) -> None:
    kiwi = factories.add_connection(session, business)
    for n in range(30):
        add(session, business, kiwi, f"Customer {n:02}")
    browser = sign_in(owner)
    first = browser.get("/sync?state=waiting").text
    assert "/sync?state=waiting&amp;page=2" in first
    assert first.count("Customer ") == 25 + 25  # the link and the name of the button
    second = browser.get("/sync?state=waiting&page=2").text
    assert "Show older" not in second
    assert second.count("Customer ") == 10


def test_the_page_polls_a_part_of_itself_and_a_plain_request_is_led_to_the_page(
    sign_in: Callable[[User], Browser], owner: User, failed: UUID
) -> None:
    browser = sign_in(owner)
    part = browser.part("/sync/latest?state=attention", "div#activity").text
    assert str(failed) in part
    assert "<html" not in part
    plain = browser.get("/sync/latest?state=attention")
    assert (plain.status_code, plain.location) == (303, "/sync?state=attention")


def test_a_pause_is_told_in_words(
    sign_in: Callable[[User], Browser], session: Session, business: Business, owner: User
) -> None:
    add(session, business, factories.add_connection(session, business), "Ann Smith")
    connection = session.query(Connection).one()
    connection.paused_until, connection.paused_reason = now() + timedelta(minutes=5), "Xero took too long to respond."
    session.commit()
    assert "Xero took too long to respond. Sending resumes " in sign_in(owner).get("/sync?state=waiting").text


def test_what_only_differs_needs_attention_too_and_is_compared_not_tried_again(
    sign_in: Callable[[User], Browser], session: Session, business: Business, owner: User
) -> None:
    kiwi = factories.add_connection(session, business)
    ids = {name: add(session, business, kiwi, name) for name in ("Never Equal", "Changed There")}
    for link in session.query(Link):
        link.sent_revision, link.differs, link.copied_at = 2, True, now()
        link.differs_since_linked = link.contact_id == ids["Never Equal"]
    session.commit()
    page = sign_in(owner).get("/sync").text
    assert 'Needs attention <span class="count">2</span>' in page
    assert "Differs from Xero" in page
    assert "Xero has different details. Your details are kept." in page
    assert page.count("Someone changed it in Xero.") == 1
    assert all(f"/customers/{one}#changed-{one}" in page for one in ids.values())
    assert "ry again" not in page.replace("Try again later", "")
    add(session, business, kiwi, "Refused Rua", LinkState.PARKED)
    page = sign_in(owner).get("/sync").text
    assert page.index("Refused Rua") < page.index("Never Equal")
    assert "Try all failed again" in page


def test_a_page_of_twenty_five_takes_few_statements(
    sign_in: Callable[[User], Browser],
    session: Session,
    business: Business,
    owner: User,
    count_statements: Callable[[], object],
) -> None:
    kiwi = factories.add_connection(session, business)
    for n in range(25):
        add(session, business, kiwi, f"Customer {n:02}", LinkState.PARKED)
    browser = sign_in(owner)
    with count_statements() as statements:  # type: ignore[attr-defined]
        browser.part("/sync/latest?state=attention", "div#activity")
    selects = [one for one in statements if "FROM link" in one or "FROM activity" in one or "FROM connection" in one]
    assert len(selects) <= 4
