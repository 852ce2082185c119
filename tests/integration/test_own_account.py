"""Everybody's own password, and where they are signed in."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import select, update

from posxero.db.business import User, UserSession
from posxero.db.draft import Draft
from posxero.domain.enums import Role
from posxero.services.accounts import passwords
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

NEW = "nine yellow spoons"
PAGE = "/settings/account"


def change(browser: Browser, current: str = PASSWORD, new: str = NEW) -> TestResponse:
    return browser.submit(PAGE, {"current_password": current, "new_password": new})


def after(first: Callable[[], None], act: Callable[..., Any]) -> Callable[..., Any]:
    def both(*arguments: Any) -> Any:
        first()
        return act(*arguments)

    return both


def is_in(browser: Browser) -> bool:
    return browser.get(PAGE).status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_everybody_changes_their_own_password(
    sign_in: SignIn, client: Browser, request: pytest.FixtureRequest, role: Role
) -> None:
    person: User = request.getfixturevalue(role.value)
    here, elsewhere = sign_in(person), sign_in(person)
    assert 'href="/settings/account"' in here.get("/customers").text
    answer = change(here)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Your password was changed" in here.get(PAGE).text
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert client.submit("/sign-in", {"email": person.email, "password": PASSWORD}).status_code == 422
    assert client.submit("/sign-in", {"email": person.email, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("", NEW, "Enter your current password"),
        ("not this one", NEW, "Wrong current password"),
        (PASSWORD, "short", "Password must be 10 characters or more"),
        (PASSWORD, "christopher", "This password is too common"),
        (PASSWORD, "the kowhai tree", "“kowhai”, which is part of the business&#39;s name"),
        (PASSWORD, "green olive oil", "“olive”, which is part of the name"),
        (PASSWORD, PASSWORD, "Your new password is the same as the current one"),
    ],
)
def test_a_refused_password_changes_nothing_and_says_why(
    sign_in: SignIn, owner: User, session: Session, current: str, new: str, said: str
) -> None:
    here, elsewhere = sign_in(owner), sign_in(owner)
    answer = change(here, current, new)
    assert answer.status_code == 422
    assert said in answer.text
    assert not new or f'"{new}"' not in answer.text
    assert is_in(elsewhere)
    session.refresh(owner)
    assert passwords.verify(PASSWORD, owner.password_hash)[0]


def test_guessing_the_current_password_is_slowed_down(sign_in: SignIn, owner: User, client: Browser) -> None:
    browser = sign_in(owner)
    answers = [change(browser, "guess") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Too many wrong passwords. Wait 1 minute and try again." in answers[5].text
    assert int(answers[5].headers["Retry-After"]) <= 60
    signed_in = client.submit("/sign-in", {"email": owner.email, "password": PASSWORD})
    assert signed_in.status_code == 303, "whoever stands at the till keeps nobody from signing in"


def test_passwords_are_not_kept_when_the_sign_in_ran_out(sign_in: SignIn, owner: User, session: Session) -> None:
    browser = sign_in(owner)
    session.execute(update(UserSession).values(active_at=datetime.now(UTC) - timedelta(minutes=16)))
    session.commit()
    assert change(browser).status_code == 303
    assert NEW not in str([form.fields for form in session.scalars(select(Draft))])


def test_the_sign_ins_are_listed_with_device_and_times(
    client: Browser, app: Flask, owner: User, session: Session
) -> None:
    browser = client
    for user_agent in ("Mozilla/5.0 (iPad; CPU OS 18) Safari/604.1", "Mozilla/5.0 (X11; Linux) Firefox/143"):
        browser = cast("Browser", app.test_client())
        browser.submit("/sign-in", {"email": owner.email, "password": PASSWORD}, headers={"User-Agent": user_agent})
    page = browser.get(PAGE).text
    assert page.index("Firefox on Linux") < page.index("Safari on iPad"), "this one comes first"
    assert page.count("This device") == 1
    session.execute(update(UserSession).values(active_at=datetime.now(UTC) - timedelta(minutes=16)))
    session.commit()
    session.execute(
        update(UserSession).where(UserSession.user_agent.contains("Firefox")).values(active_at=datetime.now(UTC))
    )
    session.commit()
    page = browser.get(PAGE).text
    assert "Safari on iPad" not in page, "it is over"
    assert "Sign out everywhere else" not in page


def test_sign_out_everywhere_else(sign_in: SignIn, owner: User, manager: User) -> None:
    here, tablet, till, mana = sign_in(owner), sign_in(owner), sign_in(owner), sign_in(manager)
    assert "Sign out everywhere else" in here.get(PAGE).text
    assert here.submit(f"{PAGE}/sign-out-others").location == PAGE
    assert "You are signed out everywhere else." in here.get(PAGE).text
    assert [is_in(browser) for browser in (here, tablet, till, mana)] == [True, False, False, True]


def test_one_sign_in_is_ended(sign_in: SignIn, owner: User, manager: User, session: Session) -> None:
    here, tablet, till = sign_in(owner), sign_in(owner), sign_in(owner)
    newest = select(UserSession.id).where(UserSession.user_id == owner.id).order_by(UserSession.created_at.desc())
    found = session.scalars(newest).first()
    assert sign_in(manager).submit(f"{PAGE}/sign-ins/{found}/end").status_code == 404
    assert is_in(till)
    assert here.submit(f"{PAGE}/sign-ins/{found}/end").status_code == 303
    assert [is_in(browser) for browser in (here, tablet, till)] == [True, True, False]


def test_nothing_is_locked_while_a_password_is_hashed(
    sign_in: SignIn, client: Browser, owner: User, manager: User, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite another process must be able to write meanwhile."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if not url.startswith("sqlite"):
        return
    asked = []

    def write() -> None:
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0) as other:
            other.execute("UPDATE user SET name = name")
        other.close()
        asked.append(url)

    for name in ("verify", "hash_password"):
        monkeypatch.setattr(passwords, name, after(write, getattr(passwords, name)))
    assert client.submit("/sign-in", {"email": owner.email, "password": PASSWORD}).status_code == 303
    browser = sign_in(owner)
    assert change(browser).status_code == 303
    mana = {"name": "Mana", "role": "manager", "password": NEW}
    assert browser.submit(f"/settings/users/{manager.id}", mana).status_code == 303
    ria = {"name": "Ria", "email": "ria@shop.example", "role": "staff", "password": NEW}
    (link,) = re.findall(r"/invitations/[\w-]+", browser.submit("/settings/users/new", ria).text)
    assert client.submit(link, ria).status_code == 303
    assert len(asked) == 6
