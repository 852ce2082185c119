"""A save or Send ours that would empty what Xero holds asks first, and names the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.domain.copies import XeroCopy
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

QUESTION = "Xero has details that are empty here"
THEIRS = {"name": "Ann Smith", "email": "ann@x.example", "street_city": "Auckland"}


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    """A customer with an email, linked to a contact that also has a city."""
    return factories.add_contact(session, business, email="ann@x.example")


@pytest.fixture
def linked(session: Session, business: Business, ann: Contact) -> Link:
    link = factories.add_link(session, ann, factories.add_connection(session, business))
    link.copy = XeroCopy(values=XeroCopy().values | THEIRS).to_json()
    session.commit()
    return link


def save(browser: Browser, ann: Contact, **fields: str) -> tuple[int, str]:
    answer = browser.submit(f"/customers/{ann.id}/edit", {"version": str(ann.version), **fields})
    return answer.status_code, answer.text


@pytest.mark.usefixtures("linked")
def test_a_save_asks_and_keeps_what_was_typed(sign_in: SignIn, staff: User, ann: Contact, session: Session) -> None:
    status, page = save(sign_in(staff), ann, mobile="021 555 0002")
    assert status == 422
    for said in (QUESTION, "City (street address)", "Auckland", "021 555 0002", "Fill them in here and save"):
        assert said in page
    session.refresh(ann)
    assert (ann.mobile, ann.version) == ("", 1)


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(("choice", "city"), [("fill", "Auckland"), ("clear", "")])
def test_the_person_chooses(
    sign_in: SignIn, staff: User, ann: Contact, session: Session, choice: str, city: str
) -> None:
    status, _ = save(sign_in(staff), ann, mobile="021 555 0002", empty_fields=choice)
    assert status == 303
    session.refresh(ann)
    assert (ann.mobile, ann.street_city, ann.version) == ("021 555 0002", city, 2)


@pytest.mark.usefixtures("linked")
def test_what_a_person_empties_is_not_asked_about(sign_in: SignIn, staff: User, ann: Contact, session: Session) -> None:
    ann.street_city = "Auckland"
    session.commit()
    browser = sign_in(staff)
    assert save(browser, ann, street_city="")[0] == 303
    session.refresh(ann)
    assert save(browser, ann, mobile="021 555 0002")[0] == 303, "nor in the next save, before Xero has the first"


@pytest.mark.usefixtures("linked")
def test_notes_never_leave_and_ask_nothing(sign_in: SignIn, staff: User, ann: Contact) -> None:
    assert save(sign_in(staff), ann, notes="likes blue")[0] == 303


@pytest.mark.usefixtures("linked")
def test_the_same_name_and_the_empty_fields_can_both_be_answered(
    sign_in: SignIn, staff: User, ann: Contact, session: Session, business: Business
) -> None:
    factories.add_contact(session, business, name="Bob", email="ann@x.example")
    browser = sign_in(staff)
    status, page = save(browser, ann, name="Bob", confirm_duplicate="1")
    assert (status, QUESTION in page) == (422, True)
    assert '<input type="hidden" name="confirm_duplicate" value="1">' in page


@pytest.mark.parametrize(("choice", "city"), [("fill", "Auckland"), ("clear", "")])
def test_send_ours_asks_on_a_page_of_its_own(
    sign_in: SignIn, staff: User, ann: Contact, linked: Link, session: Session, choice: str, city: str
) -> None:
    browser = sign_in(staff)
    address = f"/customers/{ann.id}/send-ours"
    page = browser.submit(address).text
    assert QUESTION in page
    assert "Auckland" in page
    session.refresh(linked)
    assert linked.owed_revision == 1
    session.rollback()
    assert browser.submit(address, {"empty_fields": choice}).status_code == 303
    session.refresh(ann)
    session.refresh(linked)
    assert (ann.street_city, linked.owed_revision) == (city, 2)


def test_a_customer_that_is_not_linked_is_saved_without_a_question(sign_in: SignIn, staff: User, ann: Contact) -> None:
    assert save(sign_in(staff), ann, mobile="021 555 0002")[0] == 303


def test_a_link_that_may_be_undone_offers_it(
    sign_in: SignIn, manager: User, ann: Contact, linked: Link, session: Session
) -> None:
    browser = sign_in(manager)
    assert "Undo this link" not in browser.get(f"/customers/{ann.id}").text
    linked.filled = {"street_city": "Auckland"}
    ann.street_city = "Auckland"
    session.commit()
    assert "Undo this link" in browser.get(f"/customers/{ann.id}").text
    assert browser.submit(f"/customers/{ann.id}/undo-link").status_code == 303
    session.refresh(ann)
    assert ann.street_city == ""
    assert "Link undone" in browser.get(f"/customers/{ann.id}").text
