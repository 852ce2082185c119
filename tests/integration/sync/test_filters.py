"""The filters of Sync activity stand in the address, and survive paging, polls, buttons and the download."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from posxero.db.activity import Activity
from posxero.domain.enums import ActivityKind, LinkState
from tests.support import factories
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

ONE_ROW = re.compile(r'action="(/sync/[0-9a-f-]{36}/try-again[^"]*)"')
REASON = "Xero had an internal error saving this contact."


@pytest.fixture
def busy(session: Session, business: Business) -> Business:
    """Thirty customers of Mia's and three of Sam's that were not sent, and what Xero got from either."""
    kiwi = factories.add_connection(session, business, history_notes=True)
    stuck: dict[str, Any] = {"sent_revision": 1, "state": LinkState.PARKED, "reason": REASON}
    for number in range(33):
        who = "Sam" if number < 3 else "Mia"
        contact = factories.add_contact(session, business, f"{who}'s customer {number:02}", revision=2)
        at = LONG_AGO + timedelta(minutes=number)
        factories.add_link(session, contact, kiwi, owed_by=who, owed_at=at, **stuck)
        done = Activity(business_id=business.id, at=at, kind=ActivityKind.SENT, contact_id=contact.id)
        done.on_behalf_of = who
        session.add(done)
    session.commit()
    return business


def titles(page: str) -> list[str]:
    return [
        unescape(part.split("</a>")[0])
        for part in page.split('class="row-link"')[1:]
        for part in [part.split(">", 1)[1]]
    ]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("state", ["attention", "done"])
def test_a_filter_survives_paging(sign_in: SignIn, owner: User, state: str) -> None:
    browser = sign_in(owner)
    page = browser.get(f"/sync?state={state}&person=Mia&q=customer").text
    first = titles(page)
    assert len(first) == 25
    older = unescape(page.split("Show older")[0].rsplit('href="', 1)[1].split('"')[0])
    assert "person=Mia" in older
    assert "q=customer" in older
    assert "after=" in older
    second = titles(browser.get(older).text)
    assert first + second == [f"Mia's customer {number:02}" for number in range(32, 2, -1)]


def test_a_page_after_a_position_misses_nothing_when_a_newer_row_arrives(
    sign_in: SignIn, session: Session, owner: User, busy: Business
) -> None:
    browser = sign_in(owner)
    page = browser.get("/sync?state=done").text
    older = unescape(page.split("Show older")[0].rsplit('href="', 1)[1].split('"')[0])
    newest = factories.add_contact(session, busy, "Newest")
    at = LONG_AGO + timedelta(days=1)
    session.add(Activity(business_id=busy.id, at=at, kind=ActivityKind.SENT, contact_id=newest.id))
    session.commit()
    second = titles(browser.get(older).text)
    assert second[0] == "Mia's customer 07"
    assert second[-1] == "Sam's customer 00"


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=attention&person=Sam", 3),
        ("state=attention&q=sam", 3),
        ("state=attention&q=nobody", 0),
        ("state=attention&kind=history+note", 0),
        ("state=attention&kind=nonsense&person=Sam", 3),
        ("state=attention&q=%25%25%25", 0),
        ("state=done&person=Sam&kind=contact", 3),
        ("state=done&kind=connection", 0),
        ("state=done&from=2026-11-01&to=2026-11-01&person=Sam", 3),
        ("state=done&from=2026-11-02&person=Sam", 0),
        ("state=done&to=2026-10-31&person=Sam", 0),
        ("state=done&to=nonsense&person=Sam", 3),
        ("state=attention&person=Sam&after=nonsense", 3),
        ("state=attention&person=Sam&after=1-99999999999999999999999-00", 3),
    ],
)
def test_each_filter_narrows_the_list(sign_in: SignIn, owner: User, query: str, count: int) -> None:
    answer = sign_in(owner).get(f"/sync?{query}")
    assert answer.status_code == 200
    assert len(titles(answer.text)) == count


@pytest.mark.usefixtures("busy")
def test_a_try_again_and_a_poll_keep_the_filter(sign_in: SignIn, owner: User) -> None:
    browser = sign_in(owner)
    page = browser.get("/sync?person=Sam").text
    assert "/sync/latest?state=attention&amp;person=Sam" in page
    address = unescape(ONE_ROW.findall(page)[0])
    assert browser.submit(address).location == "/sync?state=attention&person=Sam"
    assert len(titles(browser.get("/sync?person=Sam").text)) == 2


def test_the_list_is_downloaded_as_it_is_filtered(
    sign_in: SignIn, session: Session, bookkeeper: User, busy: Business
) -> None:
    contact = factories.add_contact(session, busy, '=HYPERLINK("http://evil.example")')
    told = Activity(
        business_id=busy.id, at=LONG_AGO - timedelta(minutes=1), kind=ActivityKind.SENT, contact_id=contact.id
    )
    told.on_behalf_of = "Sam"
    session.add(told)
    session.commit()
    browser = sign_in(bookkeeper)
    answer = browser.get("/sync/activity.csv?state=done&person=Sam")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert lines[0][:5] == ["When", "Kind", "Name", "Who", "Status"]
    assert [line[2] for line in lines[1:4]] == ["Sam's customer 02", "Sam's customer 01", "Sam's customer 00"]
    assert lines[4][2].startswith("'=HYPERLINK")
    assert {line[3] for line in lines[1:]} == {"Sam"}
    stuck = browser.get("/sync/activity.csv?state=attention&person=Mia").text
    assert len(list(csv.reader(io.StringIO(stuck)))) == 31
    assert REASON in stuck
