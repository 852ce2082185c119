"""A customer who goes away while a sale is typed: nothing typed is lost, and another customer is one press away."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.sale import Sale
from posxero.services.contacts import archive
from tests.integration.sales.test_bad_input import TYPED, refuse
from tests.integration.sales.test_sale_form import path
from tests.support import factories, merges
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture
def sam(sign_in: SignIn, staff: User) -> Browser:
    return sign_in(staff)


@pytest.fixture
def ben(session: Session, business: Business) -> Contact:
    return factories.add_contact(session, business, "Ben Okoro", email="ben@shop.example")


def continue_with(contact: Contact) -> str:
    return f'formaction="{path(contact)}">Continue with {contact.name}</button>'


def charged(sam: Browser, session: Session, contact: Contact) -> None:
    """Continue with a customer as the button does, then charge what the form shows."""
    shown = sam.submit(path(contact), {**TYPED, "continue": "1"})
    assert (shown.status_code, "Charge to account" in shown.text) == (200, True)
    assert 'value="Hat"' in shown.text
    assert sam.submit(path(contact), TYPED).status_code == 303
    session.rollback()
    sale = session.scalars(select(Sale)).one()
    assert (sale.contact_id, sale.total, sale.reference) == (contact.id, Decimal("40.00"), "Ria")


def test_an_archived_customer_may_be_restored_or_another_one_charged(
    session: Session, sam: Browser, business: Business, ann: Contact, ben: Contact
) -> None:
    archive.archive(session, business.id, ann.id, by="Mana", now=now())
    page = refuse(sam, session, ann)
    assert "Ann Smith is archived here. Restore the customer first, then charge the sale." in page
    assert "What you typed is kept here." in page
    assert continue_with(ann) in page
    found = sam.submit(path(ann), {**TYPED, "find_customer": "1", "customer": "ben"})
    assert (found.status_code, continue_with(ben) in found.text) == (200, True)
    assert "One customer was found." in found.text
    charged(sam, session, ben)


def test_an_erased_customer_is_not_named(session: Session, sam: Browser, ann: Contact, ben: Contact) -> None:
    ann.erased_at, ann.name, ann.is_customer = now(), "Erased customer", False
    session.commit()
    page = refuse(sam, session, ann)
    assert "The details of this customer were erased." in page
    assert "Continue with" not in page
    nobody = sam.submit(path(ann), {**TYPED, "find_customer": "1", "customer": "zz"}).text
    assert ("No customer was found." in nobody, 'value="zz"' in nobody) == (True, True)
    more = sam.submit(path(ann), {**TYPED, "add_line": "1"})
    assert (more.status_code, 'id="description-2"' in more.text, 'value="Hat"' in more.text) == (200, True, True)
    charged(sam, session, ben)


def test_the_survivor_of_merges_is_offered(
    session: Session, sam: Browser, business: Business, ann: Contact, ben: Contact
) -> None:
    merges.merge_into(session, business, ben, ann)
    page = refuse(sam, session, ann)
    assert "Ann Smith was merged into Ben Okoro." in page
    assert continue_with(ben) in page
    last = factories.add_contact(session, business, "Cara Lum")
    merges.merge_into(session, business, last, ben)
    page = refuse(sam, session, ann)
    assert continue_with(last) in page
    last.erased_at = now()
    session.commit()
    assert "Ann Smith was merged into a customer whose details were erased." in refuse(sam, session, ann)


def test_a_date_that_changes_takes_nobody_away_from_what_was_typed(
    session: Session, sam: Browser, business: Business, ann: Contact, ben: Contact
) -> None:
    asked = path(ann).replace("/new", "/due-date?sold_on=2026-11-01&due_on=2026-12-20&dated=2026-11-26")
    assert sam.part(asked, "div#sale-due").status_code == 200
    merges.merge_into(session, business, ben, ann)
    assert sam.part(asked, "div#sale-due").status_code == 204


def test_a_search_that_finds_many_offers_a_few(
    session: Session, sam: Browser, business: Business, ann: Contact
) -> None:
    for number in range(9):
        factories.add_contact(session, business, f"Zoe {number}")
    archive.archive(session, business.id, ann.id, by="Mana", now=now())
    page = sam.submit(path(ann), {**TYPED, "find_customer": "1", "customer": "zoe"}).text
    assert "The first 8 of 9 customers. Enter more of the name to find others." in page
    assert page.count("Continue with Zoe") == 8


def test_the_form_is_swapped_as_a_part(session: Session, sam: Browser, business: Business, ann: Contact) -> None:
    archive.archive(session, business.id, ann.id, by="Mana", now=now())
    answer = sam.part(path(ann), "div#sale-new", TYPED)
    assert (answer.status_code, 'id="sale-new"' in answer.text, "<html" in answer.text) == (422, True, False)
