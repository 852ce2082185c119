"""Send ours to Xero for a whole list: the question names how many and what, then it is done in steps."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.copies import XeroCopy
from posxero.domain.enums import ActivityKind, LinkState
from posxero.services.contacts.contacts import values_of
from posxero.services.drift.differences import bulk_send
from tests.support import factories
from tests.support.browser import form_of
from tests.support.times import LONG_AGO, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

ADDRESS = "/customers/send-ours?sync=changed"


@pytest.fixture
def kiwi(session: Session, business: Business) -> Connection:
    return factories.add_connection(session, business)


@pytest.fixture
def tablet(sign_in: SignIn, manager: User) -> Browser:
    return sign_in(manager)


@pytest.fixture
def differing(session: Session, business: Business, kiwi: Connection) -> Callable[..., Contact]:
    """Add a customer whose contact in Xero has other values."""

    def add(name: str, *, link: dict[str, Any] | None = None, **theirs: str) -> Contact:
        contact = factories.add_contact(session, business, name, phone="021 555 0002", street_city="Auckland")
        copy = XeroCopy(values=XeroCopy().values | values_of(contact) | theirs).to_json()
        columns = {"copy": copy, "copied_at": LONG_AGO, "differs": True, **(link or {})}
        factories.add_link(session, contact, kiwi, **columns)
        return contact

    return add


def owed(session: Session) -> set[str]:
    """Return the names of the customers that Xero is owed."""
    session.rollback()
    names = select(Contact.name).join(Link, Link.contact_id == Contact.id)
    return set(session.scalars(names.where(Link.sent_revision < Link.owed_revision)))


def ask(browser: Browser, address: str = ADDRESS) -> str:
    return " ".join(unescape(browser.get(address).text).split())


def confirm(browser: Browser, address: str = ADDRESS, **changed: str) -> str:
    """Press the button of the question, and follow to where it leads."""
    page = browser.get(address).text
    main = page[page.index('id="send-all-ours"') :]
    form = form_of(main[: main.index("</form>")])
    answer = browser.submit(form.action, {**form.fields, **changed}, follow_redirects=True)
    return unescape(answer.text)


def test_the_list_of_what_changed_leads_to_the_question(
    tablet: Browser, sign_in: SignIn, staff: User, differing: Callable[..., Contact]
) -> None:
    differing("Ann", phone="09 555 1234")
    page = tablet.get("/customers?sync=changed&q=ann").text
    assert 'href="/customers/send-ours?q=ann&amp;sync=changed"' in page
    assert '<option value="changed" selected>Changed in Xero</option>' in page
    assert "/send-ours" not in tablet.get("/customers").text
    assert "/send-ours" not in sign_in(staff).get("/customers?sync=changed").text
    assert sign_in(staff).get(ADDRESS).status_code == 403


def test_the_question_names_how_many_and_what_is_replaced(
    tablet: Browser, session: Session, differing: Callable[..., Contact]
) -> None:
    for name in ("Ann", "Bob"):
        differing(name, phone="09 555 1234")
    differing("Cho", phone="09 555 1234", street_city="Napier")
    page = ask(tablet)
    assert "Send ours to Xero for 3 customers?" in page
    assert "<dt>Phone</dt><dd>3 customers</dd>" in page
    assert "<dt>City (street address)</dt><dd>1 customer</dd>" in page
    assert owed(session) == set()


def test_it_sends_as_a_backlog_and_writes_history(
    tablet: Browser, session: Session, differing: Callable[..., Contact]
) -> None:
    ann = differing("Ann", phone="09 555 1234")
    differing("Bob", phone="09 555 1234", link={"state": LinkState.PARKED, "tries": 3, "reason": "Refused."})
    assert "Sending 2 customers to Xero." in confirm(tablet)
    assert owed(session) == {"Ann", "Bob"}
    links = session.scalars(select(Link)).all()
    assert {(link.owed_by_person, link.state, link.tries) for link in links} == {(False, LinkState.ACTIVE, 0)}
    entry = session.scalars(select(Activity).where(Activity.contact_id == ann.id)).one()
    assert (entry.kind, entry.actor, entry.revision) == (ActivityKind.SENT_OURS, "Mana", 2)


def test_what_would_be_emptied_in_xero_is_skipped_and_named(
    tablet: Browser, session: Session, differing: Callable[..., Contact]
) -> None:
    differing("Ann", phone="09 555 1234")
    bob = differing("Bob", email="bob@x.example", mobile="021 555 0003")
    page = ask(tablet)
    assert "Send ours to Xero for 1 customer?" in page
    assert f'<a href="/customers/{bob.id}">Bob</a>: Email, Mobile' in page
    said = confirm(tablet)
    assert "Sending 1 customer to Xero. 1 skipped, because sending would empty details in Xero." in said
    assert owed(session) == {"Ann"}


def test_only_the_list_that_was_asked_for_is_sent(
    tablet: Browser, session: Session, differing: Callable[..., Contact]
) -> None:
    for name in ("Ann Smith", "Ann Jones", "Bob"):
        differing(name, phone="09 555 1234")
    differing("Ann Gone", phone="09 555 1234", link={"state": LinkState.ARCHIVED})
    confirm(tablet, f"{ADDRESS}&q=ann")
    assert owed(session) == {"Ann Smith", "Ann Jones"}


def test_what_changed_in_xero_after_the_question_is_not_replaced(
    tablet: Browser, session: Session, differing: Callable[..., Contact]
) -> None:
    differing("Ann", phone="09 555 1234", link={"copied_at": now()})
    confirm(tablet, seen_at=LONG_AGO.isoformat())
    assert owed(session) == set()
    for wrong in ("", "yesterday", "0001-01-01T00:00:00+23:59"):
        confirm(tablet, seen_at=wrong)
    assert owed(session) == set()


def test_many_are_sent_in_steps_and_the_page_goes_on_by_itself(
    tablet: Browser, session: Session, differing: Callable[..., Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_send, "STEP", 1)
    monkeypatch.setattr(bulk_send, "STEPS", 2)
    monkeypatch.setattr(bulk_send, "PREVIEW_MAX", 2)
    for number in range(5):
        differing(f"Ann {number}", phone="09 555 1234")
    page = ask(tablet)
    assert "Send ours to Xero for up to 5 customers?" in page
    assert "Among the first 2 customers." in page
    said = confirm(tablet)
    assert "2 customers so far. Continue with the rest." in " ".join(said.split())
    assert 'hx-trigger="load' not in said, "a link from elsewhere would send without a question"
    assert len(owed(session)) == 2
    first = session.scalar(select(Contact.id).order_by(Contact.id).limit(1))
    fields = {"after": str(first), "sent": "2", "skipped": "0", "seen_at": now().isoformat()}
    answer = tablet.part(ADDRESS, "section#send-all-ours", fields)
    assert 'hx-trigger="load, submit"' in tablet.part(answer.location or "", "section#send-all-ours").text
    last = confirm(tablet, f"{ADDRESS}&after={first}&sent=4&seen_at={now():%Y-%m-%dT%H:%M:%SZ}")
    assert "Sending 5 customers to Xero." in last
    assert len(owed(session)) == 5


def test_nothing_differs(tablet: Browser, session: Session) -> None:
    page = ask(tablet)
    assert "There is nothing to send" in page
    assert "Send ours to Xero</button>" not in page
    assert tablet.submit(ADDRESS, {"after": "x", "sent": "-1"}).status_code == 303
    assert owed(session) == set()
