"""The imports stand in Sync activity like everything else: narrowed, page by page, and as a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from posxero.db.base import new_id
from posxero.db.import_ import Import
from posxero.domain.enums import ConnectionState, Phase
from tests.support import factories
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

STARTED = datetime(2026, 11, 1, 9, tzinfo=UTC)


def add_import(session: Session, business: Business, name: str = "Kiwi Ltd", **columns: Any) -> Import:
    at = columns.pop("at", STARTED)
    run = Import(business_id=business.id, id=new_id(), tenant_id=UUID(int=0), organisation=name)
    run.started_at = run.phase_at = at
    run.started_by, run.phase, run.finished_at = "Mia", Phase.FINISHED, at
    for column, value in columns.items():
        setattr(run, column, value)
    session.add(run)
    session.commit()
    return run


def titles(page: str) -> list[str]:
    return [part.split(">", 1)[1].split("<")[0] for part in page.split('class="row-link"')[1:]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["100%.csv", "Rata Books", "Kiwi Ltd"]),
        ("&q=kiwi", ["Kiwi Ltd"]),
        ("&q=%25", ["100%.csv"]),
        ("&person=Sam", ["Rata Books"]),
        ("&kind=file", ["100%.csv"]),
        ("&kind=xero", ["Rata Books", "Kiwi Ltd"]),
        ("&kind=contact", ["100%.csv", "Rata Books", "Kiwi Ltd"]),
        ("&from=2026-11-02&to=2026-11-02", ["Rata Books"]),
    ],
)
def test_each_filter_narrows_the_imports(
    sign_in: SignIn, session: Session, business: Business, owner: User, query: str, found: list[str]
) -> None:
    add_import(session, business)
    add_import(session, business, "Rata Books", at=STARTED + timedelta(days=1), started_by="Sam")
    add_import(session, business, "100%.csv", at=STARTED + timedelta(days=2), file_id=new_id())
    page = sign_in(owner).get(f"/sync?state=imports{query}").text
    assert titles(page) == [f"Import from {name}" for name in found]
    assert 'name="from"' in page


def test_the_imports_are_shown_page_by_page_and_downloaded_whole(
    sign_in: SignIn, session: Session, business: Business, bookkeeper: User
) -> None:
    for number in range(27):
        add_import(session, business, f"Kiwi {number:02}", added=number, linked=1, at=STARTED + timedelta(hours=number))
    browser = sign_in(bookkeeper)
    page = browser.get("/sync?state=imports&person=Mia").text
    older = unescape(page.split("Show older")[0].rsplit('href="', 1)[1].split('"')[0])
    names = [f"Import from Kiwi {number:02}" for number in range(26, -1, -1)]
    assert titles(page) + titles(browser.get(older).text) == names
    assert titles(browser.get("/sync?state=imports&page=2").text) == names[25:]
    lines = list(csv.reader(io.StringIO(browser.get("/sync/activity.csv?state=imports&person=Mia").text)))
    assert [line[2] for line in lines[1:]] == names
    assert lines[1][3:6] == ["Mia", "Finished", "26 added, 1 linked, 0 couldn't be imported."]
    assert "/sync/latest?state=imports&amp;person=Mia" in page


def test_each_import_says_what_became_of_it_and_what_to_do(
    sign_in: SignIn, session: Session, business: Business, owner: User
) -> None:
    kiwi = factories.add_connection(session, business)
    run = add_import(session, business, phase=Phase.FAILED, error="Xero couldn't be reached.")
    browser = sign_in(owner)

    def shown(**columns: Any) -> str:
        for column, value in columns.items():
            setattr(run, column, value)
        session.commit()
        return " ".join(unescape(browser.get("/sync?state=imports").text).split())

    page = shown()
    assert ("Stopped by a problem. Xero couldn't be reached." in page, "See what to do" in page) == (True, True)
    page = shown(phase=Phase.FINISHED, error="", refused=2)
    assert ("2 couldn't be imported." in page, "See what to do" in page) == (True, True)
    assert "See what to do" not in shown(refused=0)
    page = shown(phase=Phase.REVIEW, finished_at=None)
    assert ("choose which are the same." in page, "See what to do" in page) == (True, True)
    pause = {"paused_at": now(), "paused_until": now() + timedelta(hours=2), "paused_reason": "Xero isn't responding."}
    page = shown(phase=Phase.READING, tries=3, **pause)
    assert "Paused. Xero isn't responding. Continues " in page
    assert "Attempt 3 of 8." in page
    assert "See what to do" not in page
    kiwi.state = ConnectionState.LOST
    page = shown(tries=0)
    assert ("Continues " in page, "See what to do" in page) == (False, True)


def test_another_tab_keeps_only_the_filters_it_has(sign_in: SignIn, owner: User) -> None:
    page = sign_in(owner).get("/sync?state=imports&kind=file&person=Mia").text
    assert "/sync?state=imports&amp;kind=file&amp;person=Mia" in page
    assert "/sync?state=done&amp;person=Mia" in page
    assert "Nothing matches" in page
