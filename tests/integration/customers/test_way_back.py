"""From a list to a customer, to its form, and back to the same list."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

BACK = re.compile(r'<a class="back" href="([^"]*)"')
LIST = "/customers?q=ann+%26+co&sync=none&sort=newest&page=2"


def back(page: str) -> str:
    """Return where the link above the heading leads."""
    return html.unescape(BACK.findall(page)[0])


@pytest.fixture
def stocked(session: Session, business: Business) -> Business:
    for number in range(30):
        factories.add_contact(session, business, f"Ann & Co {number:02}")
    return business


def first_row(page: str) -> str:
    return html.unescape(re.findall(r'class="row-link" href="([^"]*)"', page)[0])


@pytest.mark.usefixtures("stocked")
def test_the_way_back_keeps_the_search_and_the_page(sign_in: SignIn, manager: User) -> None:
    browser = sign_in(manager)
    shown = first_row(browser.get(LIST).text)
    assert shown == first_row(browser.part(LIST, "div#results").text)
    page = browser.get(shown).text
    assert back(page) == LIST
    edit = html.unescape(re.findall(r'href="([^"]*/edit[^"]*)"', page)[0])
    form = browser.get(edit).text
    assert back(form) == shown
    action = html.unescape(re.findall(r'<form id="contact-form"[^>]* action="([^"]*)"', form)[0])
    saved = browser.submit(action, {"version": "1", "name": "Ann & Co", "email": "ann@x.example"})
    assert (saved.status_code, saved.location) == (303, shown)
    refused = browser.submit(action, {"version": "2", "name": "Ann & Co", "email": "nobody"})
    assert (refused.status_code, back(refused.text)) == (422, shown)
    archive = shown.replace("?", "/archive?")
    assert html.escape(archive) in page
    assert browser.submit(archive).location == shown


@pytest.mark.usefixtures("stocked")
def test_a_plain_list_leaves_the_address_alone(sign_in: SignIn, staff: User) -> None:
    browser = sign_in(staff)
    shown = first_row(browser.get("/customers?sync=&q=&page=1").text)
    assert "?" not in shown
    assert back(browser.get(shown).text) == "/customers"


def test_the_way_back_leads_to_the_list_of_the_kind(
    session: Session, sign_in: SignIn, staff: User, business: Business
) -> None:
    factories.add_contact(session, business, "Wool Ltd", is_customer=False, is_supplier=True)
    browser = sign_in(staff)
    assert back(browser.get(first_row(browser.get("/suppliers?q=wool").text)).text) == "/suppliers?q=wool"


@pytest.mark.parametrize(
    "query",
    [
        "q=//evil.example&page=//evil.example&sync=https://evil.example&sort=javascript:alert(1)",
        "back=https://evil.example&next=//evil.example&list=%2F%2Fevil.example",
        "q=%22%3E%3Cscript%3E&page=%0d%0aLocation:%20https://evil.example",
        "q=x%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_no_address_leads_away_from_the_shop(
    session: Session, sign_in: SignIn, staff: User, business: Business, query: str
) -> None:
    ann, browser = factories.add_contact(session, business), sign_in(staff)
    page = browser.get(f"/customers/{ann.id}?{query}")
    leads = urlsplit(back(page.text))
    assert (page.status_code, leads.scheme, leads.netloc, leads.path) == (200, "", "", "/customers")
    assert "<script>&" not in page.text
    sent = browser.submit(f"/customers/{ann.id}/edit?{query}", {"version": "1", "name": "Ann Smith", "email": "a@b.co"})
    leads = urlsplit(sent.location)
    assert (sent.status_code, leads.scheme, leads.netloc, leads.path) == (303, "", "", f"/customers/{ann.id}")
    assert browser.get(leads.geturl()).status_code == 200
