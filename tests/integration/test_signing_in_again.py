"""Requests that met an ended sign-in, or a page that is older than it: why, and what becomes of what was typed."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from posxero.db.business import UserSession
from posxero.db.contact import Contact
from posxero.db.draft import Draft
from tests.support import factories
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def sam(sign_in: SignIn, staff: User) -> Browser:
    """Sam's browser."""
    return sign_in(staff)


@pytest.fixture
def path(session: Session, business: Business) -> str:
    return f"/customers/{factories.add_contact(session, business).id}"


def age(session: Session, **columns: timedelta) -> None:
    session.execute(update(UserSession).values({key: datetime.now(UTC) - ago for key, ago in columns.items()}))
    session.commit()


def sign_out_elsewhere(browser: Browser) -> str:
    """Sign out in another tab; returns the CSRF token that the first tab still holds."""
    token = browser.token()
    browser.submit("/sign-out")
    return token


def emails(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Contact.email)))


def test_the_sign_in_page_says_why_it_appeared(sam: Browser, client: Browser, session: Session) -> None:
    assert "signed out" not in client.get("/sign-in").text
    age(session, active_at=timedelta(minutes=16))
    assert "You were signed out after 15 minutes without activity. Sign in to continue." in sam.get("/sign-in").text
    age(session, active_at=timedelta(minutes=1), created_at=timedelta(hours=13))
    assert "You were signed out because a sign-in lasts 12 hours at most." in sam.get("/sign-in").text
    session.execute(delete(UserSession))
    session.commit()
    assert "You were signed out. Sign in to continue." in sam.get("/sign-in").text


def test_after_ones_own_sign_out_nothing_is_explained(sam: Browser) -> None:
    sign_out_elsewhere(sam)
    assert "signed out" not in sam.get("/sign-in").text


def test_a_save_over_an_ended_sign_in_asks_in_place_and_is_kept(sam: Browser, session: Session, path: str) -> None:
    age(session, active_at=timedelta(minutes=16))
    answer = sam.submit(
        f"{path}/edit", {"version": "1", "idempotency_key": "one", "email": "new@x.example"}, headers=HTMX
    )
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert "Sign in and save" in answer.text
    assert "15 minutes without activity" in answer.text
    assert [draft.fields for draft in session.scalars(select(Draft))] == [{"email": "new@x.example"}]


def test_a_draft_over_an_ended_sign_in_is_kept_in_silence(sam: Browser, session: Session, path: str) -> None:
    age(session, active_at=timedelta(minutes=16))
    answer = sam.submit(f"{path}/draft", {"email": "new@x.example"}, headers=HTMX)
    assert (answer.status_code, answer.text, answer.headers.get("HX-Redirect")) == (204, "", None)
    assert [draft.fields for draft in session.scalars(select(Draft))] == [{"email": "new@x.example"}]
    session.execute(delete(UserSession))
    session.commit()
    answer = sam.submit(f"{path}/draft", {"email": "newer@x.example"}, headers=HTMX)
    assert (answer.status_code, answer.text, answer.headers.get("HX-Redirect")) == (401, "", None)


@pytest.mark.parametrize(
    ("lookup", "target"), [("/customers/new/known?name=Ann", "div#known"), ("{path}/sales/total", "div#sale-total")]
)
def test_a_lookup_beside_a_form_does_not_leave_the_form(
    sam: Browser, session: Session, path: str, lookup: str, target: str
) -> None:
    age(session, active_at=timedelta(minutes=16))
    answer = sam.get(lookup.format(path=path), headers={**HTMX, "HX-Target": target})
    assert (answer.status_code, answer.text, answer.headers.get("HX-Redirect")) == (204, "", None)


def test_after_a_sign_out_elsewhere_one_answer_asks_and_gives_the_new_token(
    sam: Browser, staff: User, session: Session, path: str
) -> None:
    stale = sign_out_elsewhere(sam)
    typed = {"csrf_token": stale, "version": "1", "email": "new@x.example"}
    answer = sam.post(f"{path}/edit", data=typed, headers=HTMX)
    assert answer.status_code == 401
    assert "reload" not in answer.text
    credentials = {"email": staff.email, "password": "mistaken"}
    assert "Wrong email or password" in sam.submit("/sign-in", credentials, headers=HTMX).text
    answer = sam.submit("/sign-in", credentials | {"password": PASSWORD}, headers=HTMX)
    token = json.loads(answer.headers["HX-Trigger"])["signed-in"]["token"]
    saved = sam.post(f"{path}/edit", data={**typed, "csrf_token": token}, headers=HTMX)
    assert (saved.status_code, saved.location) == (303, path)
    assert emails(session) == ["new@x.example"]


def test_a_page_from_before_another_sign_in_writes_nothing_until_asked(
    sam: Browser, manager: User, session: Session, path: str
) -> None:
    stale = sign_out_elsewhere(sam)
    sam.submit("/sign-in", {"email": manager.email, "password": PASSWORD})
    typed = {"csrf_token": stale, "version": "1", "email": "new@x.example"}
    live = sam.post(f"{path}/edit", data=typed, headers=HTMX)
    assert (live.status_code, "Save as Mana" in live.text) == (401, True)
    plain = sam.post(f"{path}/edit", data=typed)
    assert (plain.status_code, "You are signed in as Mana" in plain.text) == (400, True)
    assert sam.post(f"{path}/draft", data=typed, headers=HTMX).status_code == 401
    assert sam.post(f"{path}/edit", data=typed, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert emails(session) == [""]
    assert session.scalars(select(Draft)).all() == []
    again = dict(HIDDEN.findall(plain.text))
    assert sam.post(f"{path}/edit", data=again).location == path
    assert emails(session) == ["new@x.example"]


def test_a_form_is_carried_through_signing_in_without_javascript(
    sam: Browser, staff: User, session: Session, path: str
) -> None:
    stale = sign_out_elsewhere(sam)
    typed = {"csrf_token": stale, "version": "1", "email": "new@x.example", "notes": 'a "b"', "role": "owner"}
    page = sam.post(f"{path}/edit", data=typed)
    assert page.status_code == 401
    for password in ("mistaken", PASSWORD):
        carried = {key: html.unescape(value) for key, value in HIDDEN.findall(page.text)}
        assert (carried["typed-at"], carried["typed-notes"]) == (f"{path}/edit", 'a "b"')
        assert "typed-role" not in carried
        page = sam.post("/sign-in", data={**carried, "email": staff.email, "password": password})
    assert page.location.startswith("/kept/")
    assert "new@x.example" in sam.get(page.location).text
    assert emails(session) == [""]


@pytest.mark.parametrize(
    "at", ["", "/sign-out", "/settings/users/new", "/customers/x/edit", "//evil.example/customers/new"]
)
def test_nothing_but_a_contact_form_is_carried(client: Browser, staff: User, session: Session, at: str) -> None:
    fields = {"email": staff.email, "password": PASSWORD, "typed-at": at, "typed-name": "Eve", "typed-role": "owner"}
    assert client.submit("/sign-in", fields).location == "/customers"
    assert session.scalars(select(Draft)).all() == []
