"""Before a save: what it replaces in Xero, and whether past invoices show it; after it, what was replaced."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.db.other_invoice import OtherInvoice
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference
from posxero.domain.enums import LinkState, SaleStatus
from posxero.web.sync_messages import replaced_message
from tests.support import factories, sales
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact, Link
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

OURS: dict[str, Any] = {"name": "Ann Smith", "email": "ann@x.example", "phone": "021 555 0002"}
NAME_HINT = "A new name also shows on past invoices in Xero"
POSTAL_HINT = "A new postal address also shows on past invoices in Xero"


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, **OURS)


@pytest.fixture
def linked(session: Session, business: Business, ann: Contact) -> Link:
    return factories.add_link(session, ann, factories.add_connection(session, business))


@pytest.fixture
def tablet(sign_in: SignIn, staff: User) -> Browser:
    return sign_in(staff)


def change_in_xero(session: Session, link: Link, *, is_customer: bool = False, **values: str) -> None:
    """Let Xero show other values."""
    link.copy = XeroCopy(values=XeroCopy().values | OURS | values, is_customer=is_customer).to_json()
    link.differs = bool(values)
    session.commit()


def save(browser: Browser, ann: Contact, **fields: str) -> str:
    answer = browser.submit(f"/customers/{ann.id}/edit", {"version": "1", **fields}, follow_redirects=True)
    return unescape(answer.text)


def other_invoice(link: Link) -> OtherInvoice:
    """An invoice to its contact that somebody made in Xero, and that is not paid."""
    due = {"amount_due": Decimal(5), "xero_read_at": LONG_AGO, "due_on": None}
    in_xero = {"tenant_id": link.tenant_id, "xero_id": new_id(), "xero_contact_id": link.xero_id}
    return OtherInvoice(business_id=link.business_id, id=new_id(), **in_xero, **due)


def form_of(browser: Browser, ann: Contact) -> str:
    return unescape(browser.get(f"/customers/{ann.id}/edit").text)


def test_a_form_opened_before_the_change_was_seen_says_it_in_the_answer(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    assert "Saving updates it there." in form_of(tablet, ann)
    change_in_xero(session, linked, phone="09 555 1234")
    assert "This replaces what Xero had: Phone: 09 555 1234." in save(tablet, ann, email="ann@new.example")


def test_a_form_opened_after_it_says_it_before_the_save(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234", first_name="Anne")
    page = form_of(tablet, ann)
    assert "Saving replaces in Xero (Kiwi Ltd): First name, Phone" in page
    assert "<del>09 555 1234</del> → <ins>021 555 0002</ins>" in page


def test_what_the_save_itself_makes_equal_is_not_replaced(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    assert "This replaces" not in save(tablet, ann, phone="09 555 1234")


@pytest.mark.parametrize(
    "state", [{"state": LinkState.ARCHIVED}, {"owed_revision": 2}, {"differs": False}, {"xero_id": None}]
)
def test_nothing_is_said_where_nothing_of_xeros_is_replaced(
    session: Session, tablet: Browser, ann: Contact, linked: Link, state: dict[str, Any]
) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    for column, value in state.items():
        setattr(linked, column, value)
    session.commit()
    assert "This replaces" not in save(tablet, ann, email="ann@new.example")


def test_notes_replace_nothing(session: Session, tablet: Browser, ann: Contact, linked: Link) -> None:
    change_in_xero(session, linked, phone="09 555 1234")
    assert "This replaces" not in save(tablet, ann, notes="likes blue")


def test_the_page_of_a_conflict_says_what_its_save_replaces(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    save(tablet, ann, email="ann@new.example")
    change_in_xero(session, linked, phone="09 555 1234")
    page = save(tablet, ann, email="ann@other.example")
    assert "Someone else changed this customer" in page
    assert "Saving replaces in Xero (Kiwi Ltd): Email, Phone" in page


def test_the_message_names_a_few_and_shortens_them() -> None:
    found = [Difference(str(number), f"Field {number}", "", "a long value " * 20) for number in range(5)]
    said = replaced_message([Difference("x", "Fax", "1", ""), *found])
    assert said.startswith("This replaces what Xero had: Fax: empty; Field 0: a long value a long value")
    assert said.endswith("… and 3 more.")
    assert len(said) < 250


def test_the_form_of_a_customer_with_invoices_says_that_they_show_the_new_one(
    session: Session, tablet: Browser, ann: Contact, linked: Link
) -> None:
    change_in_xero(session, linked, is_customer=True)
    page = form_of(tablet, ann)
    assert NAME_HINT in page
    assert POSTAL_HINT in page
    assert "It is the postal address too." not in page
    ann.street_city = ann.postal_city = "Auckland"
    session.commit()
    assert "It is the postal address too. A new one also shows on past invoices in Xero." in form_of(tablet, ann)


def test_the_warning_says_how_many_invoices_are_known(
    session: Session, business: Business, tablet: Browser, ann: Contact, linked: Link
) -> None:
    sales.add_sales_settings(session, business, session.scalars(select(Connection)).one())
    sent, waiting, voided = (sales.charge(session, business, ann) for _ in range(3))
    assert "past invoice" not in form_of(tablet, ann)
    with writing(session):
        sent.xero_id, voided.xero_id, voided.status = new_id(), new_id(), SaleStatus.VOIDED
    assert waiting.xero_id is None
    assert "A new name also shows on at least 1 past invoice in Xero" in form_of(tablet, ann)
    with writing(session):
        session.add(other_invoice(linked))
    change_in_xero(session, linked, is_customer=True)
    page = form_of(tablet, ann)
    assert "A new name also shows on at least 2 past invoices in Xero" in page
    assert "A new postal address also shows on at least 2 past invoices in Xero" in page


@pytest.mark.parametrize("state", [{}, {"state": LinkState.ERASED}, {"xero_id": None}])
def test_without_invoices_nothing_is_said_of_them(
    session: Session, tablet: Browser, ann: Contact, linked: Link, state: dict[str, Any]
) -> None:
    change_in_xero(session, linked, is_customer=bool(state))
    for column, value in state.items():
        setattr(linked, column, value)
    session.commit()
    assert "past invoices" not in form_of(tablet, ann)
    assert "past invoices" not in tablet.get("/customers/new").text
