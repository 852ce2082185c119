"""The list as a browser sees it: rows, filters, pages, empty states, statements."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from posxero.domain.enums import ConnectionState, LinkState
from tests.support import factories, sales
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


def test_a_list_without_customers_says_what_to_do(sign_in: SignIn, manager: User, bookkeeper: User) -> None:
    text = sign_in(manager).get("/customers").text
    assert "No customers yet" in text
    assert 'href="/imports/new">Import from Xero' in text
    text = sign_in(bookkeeper).get("/customers").text
    assert "No customers yet" in text
    assert "/imports/new" not in text


def test_nothing_found_says_so(session: Session, sign_in: SignIn, staff: User, business: Business) -> None:
    factories.add_contact(session, business)
    assert "No customers match “zzz”." in sign_in(staff).get("/customers?q=zzz").text
    assert "No customer has this Xero status" in sign_in(staff).get("/customers?sync=failed").text


def test_suppliers_are_called_suppliers(session: Session, sign_in: SignIn, owner: User, business: Business) -> None:
    factories.add_contact(session, business, "Wool Ltd", is_customer=False, is_supplier=True)
    text = sign_in(owner).get("/suppliers").text
    assert "1 supplier" in text
    assert "New supplier" in text
    assert "/suppliers/new" in text
    assert "Wool Ltd" not in sign_in(owner).get("/customers").text


def test_suppliers_are_not_sorted_by_what_customers_owe_and_buy(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    for name, owes in (("Ann", 1), ("Bob", 2)):
        factories.add_contact(session, business, name, owes=Decimal(owes), is_supplier=True)
    browser = sign_in(staff)
    by_name = browser.get("/suppliers").text
    assert all(words in by_name for words in (">By name<", ">Newest first<"))
    assert not any(words in by_name for words in (">Highest balance<", ">Latest sale<"))
    for order in ("balance", "last-sale"):
        text = browser.get(f"/suppliers?sort={order}").text
        assert text.index(">Ann<") < text.index(">Bob<")
        assert '<option value="" selected>By name' in text
    text = browser.get("/customers?sort=balance").text
    assert text.index(">Bob<") < text.index(">Ann<")
    assert '<option value="balance" selected>Highest balance' in text


def test_what_is_owed_stands_under_the_name_and_over_the_limit_in_words(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    sales.add_sales_settings(session, business, factories.add_connection(session, business), default_limit=Decimal(100))
    factories.add_contact(session, business, "Ann", owes=Decimal("99.50"))
    factories.add_contact(session, business, "Bob", owes=Decimal("100.01"))
    factories.add_contact(session, business, "Cyd", owes=Decimal("300.00"), credit_limit=Decimal(500))
    factories.add_contact(session, business, "Dan")
    text = sign_in(staff).get("/customers").text
    assert [text.count(words) for words in ("Owes $99.50<", "Owes $100.01, over the limit<", "Owes $300.00<")] == [
        1,
        1,
        1,
    ]
    assert text.count("Owes") == 3


def test_a_filter_shows_the_badge_it_names(session: Session, sign_in: SignIn, owner: User, business: Business) -> None:
    kiwi = factories.add_connection(session, business)
    factories.add_contact(session, business, "Not linked Nan")
    factories.add_link(session, factories.add_contact(session, business, "Synced Sue"), kiwi)
    factories.add_link(session, factories.add_contact(session, business, "Waiting Will"), kiwi, sent_revision=0)
    fay = factories.add_contact(session, business, "Failed Fay")
    factories.add_link(session, fay, kiwi, sent_revision=0, state=LinkState.PARKED)
    factories.add_link(session, factories.add_contact(session, business, "Changed Cho"), kiwi, differs=True)
    factories.add_link(session, factories.add_contact(session, business, "Gone Gus"), kiwi, state=LinkState.MERGED)
    factories.add_contact(session, business, "Archived Art", archived_at=LONG_AGO)
    browser = sign_in(owner)
    names = {
        "none": "Not linked Nan",
        "synced": "Synced Sue",
        "waiting": "Waiting Will",
        "failed": "Failed Fay",
        "changed": "Changed Cho",
        "gone": "Gone Gus",
        "archived": "Archived Art",
    }
    for key, name in names.items():
        rows = browser.part(f"/customers?sync={key}", "div#results").text
        assert [one for one in names.values() if f">{one}</a>" in rows] == [name]
    assert "Merged in Xero" in browser.get("/customers").text
    assert "7 customers" not in browser.get("/customers").text
    kiwi.state = ConnectionState.LOST
    session.commit()
    assert ">Waiting Will</a>" in browser.part("/customers?sync=paused", "div#results").text
    assert ">Waiting Will</a>" not in browser.part("/customers?sync=waiting", "div#results").text


def test_typing_gets_rows_alone_and_a_tidy_address(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    factories.add_contact(session, business)
    answer = sign_in(staff).part("/customers?q=ann&sync=&open=", "div#results")
    assert "<html" not in answer.text
    assert ">Ann Smith</a>" in answer.text
    assert answer.headers["HX-Replace-Url"] == "/customers?q=ann"
    assert "HX-Request-Type" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_exact_code_and_enter_open_the_customer(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    ann = factories.add_contact(session, business, customer_code="L-00017")
    factories.add_contact(session, business, "Bob", customer_code="L-000177")
    browser = sign_in(staff)
    assert browser.get("/customers?q=l-00017&open=1").location == f"/customers/{ann.id}"
    assert browser.part("/customers?q=L-00017&open=1", "div#results").headers["HX-Location"] == f"/customers/{ann.id}"
    assert browser.get("/customers?q=L-00017").status_code == 200
    assert browser.get("/customers?q=L-0001&open=1").status_code == 200


def test_a_page_that_is_gone_leads_to_the_first(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    for number in range(26):
        factories.add_contact(session, business, f"Ann {number:02}")
    browser = sign_in(staff)
    text = browser.get("/customers?q=ann&page=2").text
    assert "26 customers matching “ann”, page 2 of 2" in text
    assert "Customers, page 2" in text
    assert "Ann 25" in text
    for page in ("3", "999999999"):
        answer = browser.get(f"/customers?q=ann&page={page}")
        assert (answer.status_code, answer.location) == (303, "/customers?q=ann")
    for page in ("0", "-1", "x", "9" * 400, "²"):
        assert "page 1 of 2" in browser.get(f"/customers?q=ann&page={page}").text


@pytest.mark.parametrize("typed", ["x" * 10_000, "%00", "%F0%9F%8C%BA" * 900, "<script>alert(1)</script>", "%ED%A0%80"])
def test_nothing_in_the_address_breaks_the_page(sign_in: SignIn, staff: User, typed: str) -> None:
    answer = sign_in(staff).get(f"/customers?q={typed}&sync={typed}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert len(answer.data) < 40_000


def test_a_list_asks_the_database_little(
    session: Session,
    sign_in: SignIn,
    owner: User,
    business: Business,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    kiwi = factories.add_connection(session, business)
    for number in range(30):
        factories.add_link(session, factories.add_contact(session, business, f"Ann {number:02}"), kiwi)
    browser = sign_in(owner)
    for path in ("/customers", "/customers?q=ann", "/customers?q=ann&sync=synced&page=2"):
        with count_statements() as statements:
            assert browser.get(path).status_code == 200
        assert len(statements) <= 4, statements


def test_the_notice_of_the_first_visit_goes_away(sign_in: SignIn, staff: User, bookkeeper: User) -> None:
    browser = sign_in(staff)
    shown = browser.get("/customers").text
    assert "Edit customers here, not in Xero" in shown
    assert "Saving or selling on account replaces changes made in Xero" in shown
    suppliers = browser.get("/suppliers").text
    assert "Edit suppliers here, not in Xero" in suppliers
    assert "on account" not in suppliers
    assert "Got it" not in sign_in(bookkeeper).get("/customers").text
    assert browser.part("/customers/notice-read", "div#master-notice", {}).status_code == 200
    assert "not in Xero" not in browser.get("/customers").text
