"""One customer as a browser sees it: details, badge, what Xero has, history, and who may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.domain.enums import ActivityKind, ConnectionState, LinkState
from posxero.domain.unconfirmed import UnconfirmedRequest
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

ACTS = ("archive", "restore", "link", "unlink", "try-again", "send-ours", "edit")


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example", phone="021 555 0002", street_city="Auckland")


@pytest.fixture
def linked(session: Session, business: Business, ann: Contact) -> Link:
    """Ann's link to Kiwi Ltd, as an import made it."""
    return factories.add_link(session, ann, factories.add_connection(session, business))


def change(session: Session, row: Any, **columns: Any) -> None:
    for key, value in columns.items():
        setattr(row, key, value)
    session.commit()


def test_it_shows_the_fields_that_are_filled(sign_in: SignIn, bookkeeper: User, ann: Contact) -> None:
    text = sign_in(bookkeeper).get(f"/customers/{ann.id}").text.replace("<wbr>", "")
    for said in ("Ann Smith</h1>", "ann@x.example", "021 555 0002", "Street address", "Auckland", "Not linked"):
        assert said in text
    assert "Postal address" not in text
    assert "View on Xero" not in text


def test_view_on_xero_is_the_deep_link(sign_in: SignIn, staff: User, ann: Contact, linked: Link) -> None:
    text = sign_in(staff).get(f"/customers/{ann.id}").text
    assert f"/app/!kiwi/contacts/contact/{linked.xero_id}" in text
    assert 'target="_blank" rel="noopener noreferrer"' in text
    assert "(opens in a new tab)" in text
    assert "Imported 1 Nov 2026, 10:30 pm" in text  # in Auckland
    assert "Xero still shows the old details" not in text


def test_view_on_xero_works_without_a_short_code(
    session: Session, sign_in: SignIn, staff: User, ann: Contact, linked: Link
) -> None:
    change(session, session.scalars(select(Connection)).one(), short_code="")
    text = sign_in(staff).get(f"/customers/{ann.id}").text
    assert f"/Contacts/View/{linked.xero_id}" in text
    assert "/app//" not in text


def test_each_state_says_why(session: Session, sign_in: SignIn, staff: User, ann: Contact, linked: Link) -> None:
    browser, page = sign_in(staff), f"/customers/{ann.id}"
    change(session, linked, sent_at=datetime(2026, 11, 2, 1, 2, tzinfo=UTC))
    assert "Sent to Xero 2 Nov 2026, 2:02 pm" in browser.get(page).text
    change(session, linked, sent_revision=0)
    text = browser.get(page).text
    assert "Sending to Xero…" in text
    assert "Xero still shows the old details" in text
    change(session, linked, state=LinkState.PARKED, reason="Xero does not accept this email address.")
    text = browser.get(page).text
    assert "Xero does not accept this email address." in text
    assert "Try again" in text
    change(session, linked, state=LinkState.ARCHIVED, reason="Restore it in Xero, then press Try again.")
    assert "Restore it in Xero, then press Try again." in browser.get(page).text


def test_a_lost_or_resting_connection_is_told(
    session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact
) -> None:
    kiwi = factories.add_connection(session, business)
    factories.add_link(session, ann, kiwi, sent_revision=0)
    until = datetime.now(UTC) + timedelta(hours=30)
    change(session, kiwi, paused_until=until, paused_reason="Xero took too long to respond.")
    assert "Xero took too long to respond. Sending resumes " in sign_in(staff).get(f"/customers/{ann.id}").text
    change(session, kiwi, paused_until=None, state=ConnectionState.LOST)
    assert "It will be sent when Xero is connected." in sign_in(staff).get(f"/customers/{ann.id}").text


def test_what_changed_in_xero_is_shown_and_overwritten_on_request(
    session: Session, sign_in: SignIn, staff: User, bookkeeper: User, ann: Contact, linked: Link
) -> None:
    values = {**linked.copy["values"], "phone": "09 555 1234"}
    change(session, linked, differs=True, copy={**linked.copy, "values": values})
    text = sign_in(bookkeeper).get(f"/customers/{ann.id}").text
    assert "<ins>021 555 0002</ins>" in text
    assert "<del>09 555 1234</del>" in text
    assert "Send ours to Xero</button>" not in text
    browser = sign_in(staff)
    assert "Send ours to Xero</button>" in browser.get(f"/customers/{ann.id}").text
    assert browser.submit(f"/customers/{ann.id}/send-ours").location == f"/customers/{ann.id}"
    session.refresh(linked)
    assert linked.sent_revision < linked.owed_revision


def _on_one_line(answer: TestResponse) -> str:
    return " ".join(answer.text.split())


def test_the_badge_asks_again_while_it_waits_and_then_brings_the_history(
    session: Session, sign_in: SignIn, staff: User, ann: Contact, linked: Link
) -> None:
    browser, status = sign_in(staff), f"/customers/{ann.id}/status"
    change(session, linked, sent_revision=0)
    assert f'hx-get="{status}?polls=1" hx-trigger="every 1s"' in _on_one_line(browser.get(f"/customers/{ann.id}"))
    later = _on_one_line(browser.part(f"{status}?polls=7", "div#status"))
    assert f'{status}?polls=8" hx-trigger="every 3s"' in later
    for polls in ("40", "-1", "x", ""):
        text = browser.part(f"{status}?polls={polls}", "div#status").text
        assert "Waiting" in text
        assert "hx-trigger" not in text
    change(session, linked, sent_revision=1)
    text = browser.part(f"{status}?polls=8", "div#status").text
    assert "Synced" in text
    assert "hx-trigger" not in text
    assert "History" in text
    assert f'hx-target="#actions-{ann.id}"' in text
    assert "View on Xero" in text
    assert browser.get(status).location == f"/customers/{ann.id}"


def test_history_does_not_say_that_an_addition_replaced_anything(
    session: Session, sign_in: SignIn, owner: User, ann: Contact
) -> None:
    added: dict[str, Any] = {"changes": [["name", "", "Ann"]], "sent": {"name": "Ann"}, "note": "Added to Xero."}
    business = {"business_id": ann.business_id, "contact_id": ann.id}
    session.add(Activity(**business, at=LONG_AGO, kind=ActivityKind.SENT, actor="", **added))
    session.commit()
    text = sign_in(owner).get(f"/customers/{ann.id}").text
    assert "Added to Xero." in text
    assert "What was sent" in text
    assert "Replaced in Xero" not in text


def test_history_says_who_what_and_when(
    session: Session, sign_in: SignIn, owner: User, staff: User, ann: Contact
) -> None:
    session.add(
        Activity(
            business_id=ann.business_id,
            contact_id=ann.id,
            at=LONG_AGO,
            kind=ActivityKind.SENT,
            actor="Sam",
            changes=[["email", "<b>old", "ann@x.example"], ["street_city", "", "Auckland"]],
            raw='{"Contacts": "secret answer"}',
        )
    )
    session.commit()
    text = sign_in(owner).get(f"/customers/{ann.id}").text
    assert "Sam · Sent to Xero" in text
    assert "Email: <del>&lt;b&gt;old</del> → <ins>ann@x.example</ins>" in text
    assert "City (street address): empty → <ins>Auckland</ins>" in text
    assert "1 Nov 2026, 10:30 pm" in text
    assert "secret answer" in text
    assert "secret answer" not in sign_in(staff).get(f"/customers/{ann.id}").text


@pytest.mark.parametrize(
    ("role", "drawn", "refused"),
    [
        ("bookkeeper", set[str](), set(ACTS)),
        ("staff", {"edit"}, {"archive", "restore", "link", "unlink"}),
        ("manager", {"edit", "archive", "unlink"}, set[str]()),
    ],
)
@pytest.mark.usefixtures("linked")
def test_each_role_sees_and_may_do_its_own(
    request: pytest.FixtureRequest,
    sign_in: SignIn,
    ann: Contact,
    role: str,
    drawn: set[str],
    refused: set[str],
) -> None:
    browser = sign_in(request.getfixturevalue(role))
    text = browser.get(f"/customers/{ann.id}").text
    assert {act for act in ACTS if f'"/customers/{ann.id}/{act}"' in text} == drawn
    for act in refused:
        answer = browser.submit(f"/customers/{ann.id}/{act}")
        assert answer.status_code == 403
        assert "Ask an owner" in answer.text
    assert browser.get("/customers/new").status_code == (403 if role == "bookkeeper" else 200)


def test_another_shop_finds_nothing(session: Session, sign_in: SignIn, stranger: User, ann: Contact) -> None:
    browser = sign_in(stranger)
    assert browser.get(f"/customers/{ann.id}").status_code == 404
    assert browser.part(f"/customers/{ann.id}/status", "div#status").status_code == 404
    for act in ACTS:
        assert browser.submit(f"/customers/{ann.id}/{act}", {"version": "1", "name": "Mine"}).status_code == 404
    session.refresh(ann)
    assert (ann.name, ann.archived_at, ann.version) == ("Ann Smith", None, 1)
    assert "Ann Smith" not in browser.get("/customers?q=ann").text


@pytest.mark.usefixtures("linked")
def test_a_page_asks_the_database_little(
    sign_in: SignIn,
    owner: User,
    ann: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    browser = sign_in(owner)
    with count_statements() as statements:
        assert browser.get(f"/customers/{ann.id}").status_code == 200
    assert len(statements) <= 6, statements


def test_a_customer_in_sync_says_when_xero_is_checked_again(
    sign_in: SignIn, staff: User, session: Session, business: Business, ann: Contact, linked: Link
) -> None:
    business.timezone = "Pacific/Auckland"
    at = datetime(2099, 11, 26, 21, 52, tzinfo=UTC)
    change(session, linked, verify_again_at=at, unconfirmed=[UnconfirmedRequest({}, (at,)).to_json()])
    browser = sign_in(staff)
    assert "Next check at 10:52 am" in browser.get(f"/customers/{ann.id}").text
    assert "Next check" not in browser.get("/customers").text


def test_a_customer_in_a_backlog_says_when_its_turn_is(
    sign_in: SignIn, staff: User, session: Session, business: Business, linked: Link
) -> None:
    business.timezone = "Pacific/Auckland"
    connection = session.scalars(select(Connection)).one()
    change(session, connection, backlog_until=datetime(2099, 11, 26, 21, 52, tzinfo=UTC))
    change(session, linked, owed_revision=2)
    said = "new changes go first. Next attempt on 27 November at 10:52 am."
    assert said in unescape(sign_in(staff).get(f"/customers/{linked.contact_id}").text)
    change(session, linked, owed_by_person=True, owed_at=datetime.now(UTC))
    assert "Sending to Xero…" in sign_in(staff).get(f"/customers/{linked.contact_id}").text
