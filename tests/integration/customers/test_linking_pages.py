"""The pages that link, unlink and follow: they ask first, say what it means, and never wait for Xero."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from posxero.blueprints.customers.contact_page import MAX_POLLS
from posxero.db.contact import Link
from posxero.db.xero_lookup import XeroSearch
from posxero.domain.enums import ConnectionState, LinkState
from posxero.services.push.kinds import contact_reasons as reasons
from tests.support import factories
from tests.support.links_in_trouble import copy_of, merge
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact
    from tests.support.browser import Browser


@pytest.fixture
def kiwi(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, email="ann@shop.example")


@pytest.fixture
def mana(sign_in: Callable[[User], Browser], manager: User) -> Browser:
    """The manager's browser."""
    return sign_in(manager)


def links(session: Session, contact: Contact) -> list[Link]:
    session.expire_all()
    found = list(session.scalars(select(Link).where(Link.contact_id == contact.id)))
    session.commit()
    return found


def merged(session: Session, contact: Contact, kiwi: Connection, into: Link | None = None) -> Link:
    """Let a customer's contact be merged in Xero, into another customer's or one that nobody has."""
    link = factories.add_link(session, contact, kiwi)
    merge(link, into.xero_id if into else uuid4())
    session.commit()
    return link


def test_a_link_to_be_read_again_says_when_it_was_linked_and_speaks_of_no_attempt(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection
) -> None:
    factories.add_link(session, ann, kiwi, filled={}, verify_again_at=now())
    shown = mana.get(f"/customers/{ann.id}").text
    assert "Linked 1 Nov 2026, 10:30 pm" in shown
    assert "confirm an earlier attempt" not in shown


def test_unlinking_is_asked_about_on_a_page(session: Session, mana: Browser, ann: Contact, kiwi: Connection) -> None:
    factories.add_link(session, ann, kiwi)
    page = f"/customers/{ann.id}/unlink"
    assert "Nothing changes in Kiwi Ltd." in mana.get(page).text
    assert mana.submit(page).location == page
    assert len(links(session, ann)) == 1
    assert mana.submit(page, {"sure": "yes"}).location == f"/customers/{ann.id}"
    assert links(session, ann) == []
    shown = mana.get(f"/customers/{ann.id}").text
    assert "Unlinked from Xero" in shown
    assert "Not linked" in shown


def test_a_creation_without_an_answer_is_not_unlinked(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection
) -> None:
    factories.add_link(session, ann, kiwi, xero_id=None, creation_key="k", sent_revision=0)
    page = f"/customers/{ann.id}/unlink"
    assert "a second one could be added there" in mana.get(page).text
    mana.submit(page, {"sure": "yes"})
    assert len(links(session, ann)) == 1


@pytest.mark.usefixtures("kiwi")
def test_a_search_is_asked_for_and_the_page_polls(session: Session, mana: Browser, ann: Contact) -> None:
    page = f"/customers/{ann.id}/link"
    assert 'value="Ann Smith"' in mana.get(page).text
    assert mana.submit(f"{page}/search", {"q": "smith"}).location == page
    waiting = mana.get(page).text
    assert "Searching for “smith”…" in waiting
    assert f'hx-get="{page}/results?polls=1"' in waiting
    row = session.scalars(select(XeroSearch)).one()
    copy = copy_of("Ann Smith", email="ann@shop.example").to_json()
    row.results, row.answered_at = [[str(uuid4()), copy]], now()
    session.commit()
    part = mana.part(f"{page}/results?polls=1", f"section#results-{ann.id}").text
    assert "1 contact found for “smith”" in part
    assert "Same name and email" in part
    assert "hx-trigger" not in part
    mana.submit(page, {"xero_id": row.results[0][0]})
    assert [str(link.xero_id) for link in links(session, ann)] == [row.results[0][0]]


@pytest.mark.usefixtures("kiwi")
def test_a_search_that_xero_does_not_answer_stops_asking(mana: Browser, ann: Contact) -> None:
    page, part = f"/customers/{ann.id}/link", f"section#results-{ann.id}"
    mana.submit(f"{page}/search", {"q": "smith"})
    waiting = mana.part(f"{page}/results?polls={MAX_POLLS - 1}", part).text
    assert "Searching for “smith”…" in waiting
    assert f'hx-get="{page}/results?polls={MAX_POLLS}"' in waiting
    last = mana.part(f"{page}/results?polls={MAX_POLLS}", part).text
    assert "Xero hasn't answered yet. Search again in a minute." in last
    assert "hx-trigger" not in last


@pytest.mark.parametrize("polls", [1, MAX_POLLS])
def test_a_search_that_waits_for_a_limit_of_xero_says_until_when(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection, polls: int
) -> None:
    kiwi.paused_at, kiwi.paused_until = now(), now() + timedelta(hours=5)
    kiwi.paused_reason = "Xero asked us to wait."
    session.commit()
    page = f"/customers/{ann.id}/link"
    mana.submit(f"{page}/search", {"q": "smith"})
    part = mana.part(f"{page}/results?polls={polls}", f"section#results-{ann.id}").text
    assert "Searching for “smith”… Xero asked us to wait. The search continues" in part
    assert "Search again in a minute" not in part


def test_the_page_says_into_whom_it_was_merged_once_xero_does(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection
) -> None:
    link = merged(session, ann, kiwi)
    known, link.survivor = link.survivor, None
    session.commit()
    page, part = f"/customers/{ann.id}", f"div#status-{ann.id}"
    assert "Asking Xero which one…" in mana.get(page).text
    waiting = mana.part(f"{page}/status?polls=1", part).text
    assert "Asking Xero which one…" in waiting
    assert f'hx-target="#problem-{ann.id}"' in waiting
    assert f'hx-get="{page}/status?polls=2' in waiting
    last = mana.part(f"{page}/status?polls={MAX_POLLS}", part).text
    assert "Xero hasn't said which one yet." in last
    assert "Asking Xero" not in last
    assert "hx-trigger" not in last
    link.survivor = known
    session.commit()
    told = mana.part(f"{page}/status?polls=3", part).text
    assert f'hx-target="#problem-{ann.id}"' in told
    assert "It was merged into Ann Survivor in Xero." in told
    assert "Asking Xero" not in told
    assert "hx-trigger" not in told


@pytest.mark.usefixtures("kiwi")
def test_an_empty_search_is_refused_beside_the_field(mana: Browser, ann: Contact) -> None:
    answer = mana.submit(f"/customers/{ann.id}/link/search", {"q": " "})
    assert answer.status_code == 422
    assert "Type a name, an email or a number" in answer.text


def test_the_link_of_a_linked_customer_is_not_replaced(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection
) -> None:
    factories.add_link(session, ann, kiwi)
    assert mana.get(f"/customers/{ann.id}/link").location == f"/customers/{ann.id}"


def test_the_page_says_into_whom_it_was_merged_and_follows(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection
) -> None:
    link = merged(session, ann, kiwi)
    assert "It was merged into Ann Survivor in Xero." in mana.get(f"/customers/{ann.id}").text
    mana.submit(f"/customers/{ann.id}/follow-merge")
    (followed,) = links(session, ann)
    assert (followed.id, followed.state) == (link.id, LinkState.ACTIVE)
    assert followed.xero_id != link.copy.get("merged_to")


@pytest.mark.parametrize("keeps", ["ann", "bob"])
def test_two_customers_of_one_contact_are_shown_and_one_is_unlinked(
    session: Session, business: Business, mana: Browser, ann: Contact, kiwi: Connection, keeps: str
) -> None:
    bob = factories.add_contact(session, business, "Bob Brown", email="bob@shop.example")
    backed = factories.add_link(session, bob, kiwi)
    xero_id = backed.xero_id
    merged(session, ann, kiwi, into=backed)
    page = f"/customers/{ann.id}/follow-merge"
    assert mana.submit(page).location == page
    shown = mana.get(page).text
    assert "ann@<wbr>shop<wbr>.example" in shown
    assert "bob@<wbr>shop<wbr>.example" in shown
    mana.submit(page, {"unlink": str(bob.id if keeps == "ann" else ann.id)})
    kept, given_up = (ann, bob) if keeps == "ann" else (bob, ann)
    assert [link.xero_id for link in links(session, kept)] == [xero_id]
    assert links(session, given_up) == []


@pytest.mark.parametrize(
    ("words", "key", "sentence"),
    [
        ("Email address must be valid.", "email", "Xero does not accept this email address"),
        ("The contact name Ann Smith is already assigned to another contact.", "name", "has this name"),
        ("The Account Number already exists.", "account_number", "has this account number"),
    ],
)
def test_the_field_that_xero_refused_is_marked_in_the_form(
    session: Session, mana: Browser, ann: Contact, kiwi: Connection, words: str, key: str, sentence: str
) -> None:
    refused = factories.parked(reasons.why("Ann Smith", [words]))
    factories.add_link(session, ann, kiwi, sent_revision=0, **refused)
    form = mana.get(f"/customers/{ann.id}/edit").text
    assert re.search(rf'<span class="error"\s+id="{key}-error">.*?{sentence}', form, re.DOTALL)
    assert "data-dirty" not in form


def test_a_lost_connection_is_said_with_its_cure(
    session: Session, sign_in: Callable[[User], Browser], owner: User, staff: User, ann: Contact, kiwi: Connection
) -> None:
    factories.add_link(session, ann, kiwi, sent_revision=0)
    kiwi.state, kiwi.reason = ConnectionState.LOST, "Xero ended the permission."
    session.commit()
    shown = sign_in(owner).get(f"/customers/{ann.id}").text
    assert "Connection to Xero lost" in shown
    assert "Xero ended the permission." in shown
    assert 'href="/xero/connect">Reconnect</a>' in shown
    assert "Ask an owner to reconnect." in sign_in(staff).get(f"/customers/{ann.id}").text
