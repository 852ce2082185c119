"""Sync activity knows no kind: whatever is pushed is shown there, counted and tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.db.connection import Connection
from posxero.db.history_note import HistoryNote
from posxero.domain.enums import LinkState
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

REASON = "Xero did not accept the note about this change."


@pytest.fixture
def parked(session: Session, business: Business) -> HistoryNote:
    """A note that Xero refused, of a customer that it has."""
    kiwi = factories.add_connection(session, business, history_notes=True)
    link = factories.add_link(session, factories.add_contact(session, business), kiwi)
    return factories.add_note(session, link, state=LinkState.PARKED, reason=REASON)


def test_a_refused_note_is_shown_with_its_reason_and_tried_again(
    sign_in: Callable[[User], Browser], session: Session, staff: User, parked: HistoryNote
) -> None:
    browser = sign_in(staff)
    page = browser.get("/sync").text
    assert "Note about Ann Smith" in page
    assert REASON in page
    assert f"/customers/{parked.contact_id}" in page
    assert browser.submit(f"/sync/{parked.id}/try-again").status_code == 303
    note = session.query(HistoryNote).populate_existing().one()
    assert (note.state, note.reason) == (LinkState.ACTIVE, "")
    assert "Note about Ann Smith" in browser.get("/sync?state=waiting").text


def test_a_refused_note_is_counted_in_the_sidebar_the_tab_and_the_settings(
    sign_in: Callable[[User], Browser], owner: User, parked: HistoryNote
) -> None:
    browser = sign_in(owner)
    page = browser.get("/sync").text
    assert '<span class="count">1<span class="visually-hidden"> not sent</span></span>' in page
    assert 'Needs attention <span class="count">1</span>' in page
    assert "<b>1</b> not sent" in browser.get("/settings/xero").text
    assert parked.reason in page


def test_all_that_was_not_sent_is_tried_again_whatever_its_kind(
    sign_in: Callable[[User], Browser], session: Session, business: Business, manager: User, parked: HistoryNote
) -> None:
    contact = factories.add_contact(session, business, "Bob Lee", revision=2)
    factories.add_link(session, contact, session.query(Connection).one(), sent_revision=1, state=LinkState.PARKED)
    browser = sign_in(manager)
    browser.submit("/sync/try-again")
    assert "Trying 2 again." in browser.get("/sync").text
    assert session.get_one(HistoryNote, (business.id, parked.id), populate_existing=True).state is LinkState.ACTIVE


def test_notes_that_are_switched_off_need_no_attention(
    sign_in: Callable[[User], Browser], session: Session, owner: User, parked: HistoryNote
) -> None:
    session.query(Connection).one().history_notes = False
    session.commit()
    page = sign_in(owner).get("/sync").text
    assert "Nothing needs attention" in page
    assert parked.reason not in page


def test_another_business_finds_no_note_to_try(
    sign_in: Callable[[User], Browser], session: Session, stranger: User, parked: HistoryNote
) -> None:
    assert sign_in(stranger).submit(f"/sync/{parked.id}/try-again").status_code == 404
    assert session.query(HistoryNote).populate_existing().one().state is LinkState.PARKED
