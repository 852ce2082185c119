"""What is said after a save, Send ours and Try again: it follows the badge, then disappears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from posxero.domain.enums import ConnectionState, LinkState
from posxero.domain.gone import REASONS
from posxero.services.push.kinds.contact_reasons import split, why
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

SENDING, SENT = "Ann Smith saved. Sending to Xero…", "Ann Smith saved and sent to Xero."


@pytest.fixture
def kiwi(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@x.example")


@pytest.fixture
def link(session: Session, ann: Contact, kiwi: Connection) -> Link:
    return factories.add_link(session, ann, kiwi)


@pytest.fixture
def tablet(sign_in: Callable[[User], Browser], staff: User) -> Browser:
    return sign_in(staff)


def change(session: Session, row: Any, **columns: Any) -> None:
    session.refresh(row)
    for key, value in columns.items():
        setattr(row, key, value)
    session.commit()


def save(browser: Browser, ann: Contact, **typed: str) -> str:
    """Save without JavaScript, and return the page that follows."""
    address = f"/customers/{ann.id}"
    return browser.submit(f"{address}/edit", {"version": "1", **typed}, follow_redirects=True).text


def asked_again(browser: Browser, ann: Contact, act: str = "saved", polls: int = 1) -> str:
    return browser.part(f"/customers/{ann.id}/message?act={act}&polls={polls}", f"div#message-{ann.id}").text


@pytest.mark.usefixtures("link")
def test_a_save_in_place_brings_a_message_that_asks_for_itself(tablet: Browser, ann: Contact) -> None:
    path, target = f"/customers/{ann.id}", f"form#customer-{ann.id}"
    tablet.part(f"{path}/edit", target, {"version": "1", "email": "new@x.example"})
    shown = " ".join(tablet.part(path, target).text.split())
    assert '<hx-partial hx-target="#toasts" hx-swap="beforeend">' in shown
    assert SENDING in shown
    assert f'hx-get="{path}/message?act=saved&amp;polls=1" hx-trigger="every 1s"' in shown
    assert f"message-{ann.id}" not in tablet.part(path, target).text, "it is said once"


def test_the_message_says_what_the_badge_says(
    session: Session, tablet: Browser, ann: Contact, link: Link, kiwi: Connection
) -> None:
    save(tablet, ann, email="new@x.example")
    text = asked_again(tablet, ann, polls=7)
    assert SENDING in text
    assert "polls=8" in text
    until = datetime.now(UTC) + timedelta(minutes=5)
    change(session, kiwi, paused_until=until, paused_reason="Xero isn't responding.")
    text = asked_again(tablet, ann)
    assert "Ann Smith saved here. Xero isn&#39;t responding. Sending resumes at " in text
    assert "Sending to Xero…" not in text
    assert "hx-trigger" in text
    change(session, kiwi, state=ConnectionState.LOST)
    text = asked_again(tablet, ann)
    assert "Ann Smith saved here. It will be sent when Xero is connected." in text
    assert "toast-passing" in text
    change(session, kiwi, state=ConnectionState.CONNECTED, paused_until=None)
    refusal = why("Ann Smith", ["Email address must be valid."])
    change(session, link, **factories.parked(refusal))
    text = asked_again(tablet, ann)
    assert "toast-warn toast-passing" in text
    assert f"Ann Smith saved here. {split(refusal.reason)[0]}" in text
    assert "must be valid" not in text, "the page says it in Xero's own words"


def test_the_message_names_no_cure_of_a_merge_that_the_page_does_not_offer_yet(
    session: Session, tablet: Browser, ann: Contact, link: Link
) -> None:
    save(tablet, ann, email="new@x.example")
    change(session, link, state=LinkState.MERGED, reason=REASONS[LinkState.MERGED])
    text = " ".join(asked_again(tablet, ann).split())
    assert "Ann Smith saved here. It was merged into another contact in Xero." in text
    assert "Link it to that contact" not in text


def test_the_message_goes_once_xero_has_it(session: Session, tablet: Browser, ann: Contact, link: Link) -> None:
    save(tablet, ann, email="new@x.example")
    change(session, link, sent_revision=2, sent_at=datetime.now(UTC))
    text = asked_again(tablet, ann)
    assert SENT in text
    assert "toast-ok toast-passing" in text
    assert "hx-trigger" not in text
    assert "Ann Smith is up to date in Xero." in asked_again(tablet, ann, "sent")


@pytest.mark.usefixtures("link")
def test_a_message_that_waited_long_enough_goes_too(tablet: Browser, ann: Contact) -> None:
    save(tablet, ann, email="new@x.example")
    for polls in (40, 10**9):
        text = asked_again(tablet, ann, polls=polls)
        assert "hx-trigger" not in text
        assert "toast-passing" in text


@pytest.mark.usefixtures("link")
def test_without_javascript_it_is_a_banner_that_says_what_the_badge_says(
    session: Session, tablet: Browser, ann: Contact, kiwi: Connection
) -> None:
    change(session, kiwi, state=ConnectionState.LOST)
    page = save(tablet, ann, email="new@x.example")
    assert "Ann Smith saved here. It will be sent when Xero is connected." in page
    assert "Sending to Xero…" not in page
    assert "toast-passing" not in page
    assert "saved here" not in tablet.get(f"/customers/{ann.id}").text


@pytest.mark.usefixtures("link")
def test_what_xero_need_not_hear_of_is_only_saved(tablet: Browser, ann: Contact) -> None:
    page = save(tablet, ann, notes="likes blue")
    assert "<p>Ann Smith saved.</p>" in page
    assert "hx-trigger" not in page


@pytest.mark.parametrize("act", ["send-ours", "try-again"])
def test_other_acts_are_followed_alike(session: Session, tablet: Browser, ann: Contact, link: Link, act: str) -> None:
    change(session, link, sent_revision=0)
    page = tablet.submit(f"/customers/{ann.id}/{act}", follow_redirects=True).text
    assert "Ann Smith: Sending to Xero…" in page
    assert f"/customers/{ann.id}/message?act=sent&amp;polls=1&amp;banner=1" in page


@pytest.mark.usefixtures("link")
def test_the_address_of_a_message_is_no_page(
    tablet: Browser, ann: Contact, sign_in: Callable[[User], Browser], stranger: User
) -> None:
    answer = tablet.get(f"/customers/{ann.id}/message?act=saved")
    assert (answer.status_code, answer.location) == (303, f"/customers/{ann.id}")
    assert asked_again(tablet, ann, "nonsense") == asked_again(tablet, ann, "sent")
    assert sign_in(stranger).part(f"/customers/{ann.id}/message?act=saved", "div#x").status_code == 404


@pytest.mark.usefixtures("link")
def test_a_badge_that_is_paused_asks_again_because_a_pause_ends(
    session: Session, tablet: Browser, ann: Contact, kiwi: Connection
) -> None:
    save(tablet, ann, email="new@x.example")
    until = datetime.now(UTC) + timedelta(seconds=9)
    change(session, kiwi, paused_until=until, paused_reason="Xero isn't responding.")
    status = f"/customers/{ann.id}/status"
    assert "hx-trigger" in tablet.part(f"{status}?polls=3", "div#status").text
    change(session, kiwi, state=ConnectionState.LOST)
    assert "hx-trigger" not in tablet.part(f"{status}?polls=3", "div#status").text
