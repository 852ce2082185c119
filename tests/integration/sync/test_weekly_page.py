"""The bookkeeper's pages: what was changed in Xero in a week and by whom, and the field map."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from posxero.domain import field_words
from posxero.domain.enums import ActivityKind
from posxero.domain.fields import FIELDS
from posxero.services import activity
from posxero.services.push.feed import weekly
from tests.support import factories, sales
from tests.support.plans import explained

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

# Monday 23 November 2026, 0:00 in Auckland
MONDAY = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
WEEK = "/sync/weekly?week=2026-11-25"


@pytest.fixture
def ann(session: Session, business: Business) -> Contact:
    connection = factories.add_connection(session, business)
    sales.add_sales_settings(session, business, connection)
    contact = factories.add_contact(session, business)
    factories.add_link(session, contact, connection)
    return contact


def send(session: Session, contact: Contact, at: datetime, who: str = "Mia", **columns: Any) -> None:
    kind = ActivityKind.SALE_SENT if "sale_id" in columns else ActivityKind.SENT
    changes = [] if "sale_id" in columns else [["email", "old@x.example", "new@x.example"]]
    ids: dict[str, Any] = {"contact_id": contact.id, "on_behalf_of": who}
    activity.record_entry(session, contact.business_id, kind, now=at, changes=changes, **ids, **columns)
    session.commit()


def test_a_week_lists_what_was_sent_and_by_whom(
    session: Session, business: Business, bookkeeper: User, sign_in: SignIn, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    send(session, ann, MONDAY)
    send(session, ann, MONDAY - timedelta(seconds=1), "Before")
    send(session, ann, MONDAY + timedelta(days=7), "After")
    send(session, ann, MONDAY + timedelta(days=2), "Sam", sale_id=sale.id)
    browser = sign_in(bookkeeper)
    page = unescape(browser.get(WEEK).text)
    for words in ("23 Nov 2026 to 29 Nov 2026", "Monday 23 Nov 2026", "Ann Smith", "old@x.example", "new@x.example"):
        assert words in page
    assert f"Sale {sale.number}" in page
    assert "Mia: 1 to contacts, 0 to sales" in page
    assert "Sam: 0 to contacts, 1 to sales" in page
    assert "$34.00" in page
    assert "Before" not in page
    assert "After" not in page
    assert "week=2026-11-16" in page
    assert "Before" in browser.get("/sync/weekly?week=2026-11-16").text
    assert "Earlier week" in browser.get("/sync/weekly?week=nonsense&after=nothing").text


def test_a_long_week_has_pages_and_no_more_statements(
    session: Session,
    bookkeeper: User,
    sign_in: SignIn,
    ann: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for minute in range(5):
        send(session, ann, MONDAY + timedelta(minutes=minute), f"Person{minute}")
    browser, counts = sign_in(bookkeeper), []
    browser.get(WEEK)
    for size in (100, 2):
        monkeypatch.setattr("posxero.blueprints.sync.weekly.PAGE_SIZE", size)
        monkeypatch.setattr(weekly, "PAGE_SIZE", size)
        with count_statements() as statements:
            page = unescape(browser.get(WEEK).text)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    seen = []
    while page:
        seen += re.findall(r'By">(Person\d)<', page)
        more = re.search(r'href="(\S+after=\S+)"', page)
        page = unescape(browser.get(more[1]).text) if more else ""
    assert seen == [f"Person{n}" for n in range(5)]


def test_a_week_by_customer_names_each_once_and_has_pages(
    session: Session,
    business: Business,
    bookkeeper: User,
    sign_in: SignIn,
    ann: Contact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada = factories.add_contact(session, business, "Ada")
    for hour, (contact, who) in enumerate([(ann, "Mia"), (ada, "Sam"), (ann, "Bo"), (ada, "Ria"), (ann, "Kim")]):
        send(session, contact, MONDAY + timedelta(hours=hour), who)
    browser = sign_in(bookkeeper)
    page = unescape(browser.get(f"{WEEK}&by=contact").text)
    assert re.findall(r'By">([^<]*)<', page) == ["Sam", "Ria", "Mia", "Bo", "Kim"]
    assert re.findall(r'href="/customers/[^"]+">([^<]+)</a>', page) == ["Ada", "Ann Smith"]
    assert page.count('<span class="visually-hidden">Ann Smith</span>') == 2
    assert "Mon 12:00 am" in page
    monkeypatch.setattr("posxero.blueprints.sync.weekly.PAGE_SIZE", 2)
    monkeypatch.setattr(weekly, "PAGE_SIZE", 2)
    seen, address = [], f"{WEEK}&by=contact"
    while address:
        page = unescape(browser.get(address).text)
        seen += re.findall(r'By">([^<]*)<', page)
        more = re.search(r'href="(\S+after=\S+)"', page)
        address = more[1] if more else ""
    assert seen == ["Sam", "Ria", "Mia", "Bo", "Kim"]
    assert "Mia" in browser.get(f"{WEEK}&by=contact&after=nothing").text


def test_a_week_is_read_off_the_index_of_what_was_done(session: Session, business: Business, ann: Contact) -> None:
    send(session, ann, MONDAY)
    with explained(session) as plans:
        weekly.list_changes(session, business.id, MONDAY, MONDAY + timedelta(days=7))
    assert any("ix_activity_done" in line for plan in plans for line in plan), plans


def test_staff_do_not_see_the_bookkeepers_pages(staff: User, manager: User, sign_in: SignIn) -> None:
    for path in ("/sync/weekly", "/fields"):
        assert sign_in(staff).get(path).status_code == 403
        assert sign_in(manager).get(path).status_code == 200


def test_the_field_map_is_drawn_from_the_map(bookkeeper: User, sign_in: SignIn) -> None:
    browser = sign_in(bookkeeper)
    page = unescape(browser.get("/fields").text)
    for field in FIELDS:
        row = page[page.index(f'id="field-{field.key}"') :].split("</tr>")[0]
        for words in (field.label, field.xero or "–", field_words.sent_in_words(field), f"{field.max_length:,}"):
            assert words in row, field.key
        assert field_words.rule_in_words(field) in row
    assert 'href="/fields"' not in browser.get("/settings/account").text
