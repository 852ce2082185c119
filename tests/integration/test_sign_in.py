"""Signing in and out, and how long it lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from posxero.db.business import User, UserSession
from posxero.services.accounts import passwords
from tests.support.browser import PUBLIC_URL
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


def enter(client: Browser, email: str, password: str = PASSWORD, to: str = "/settings/users") -> TestResponse:
    return client.submit("/sign-in", {"email": email, "password": password, "next": to})


def test_the_right_password_leads_to_the_page_that_was_wanted(client: Browser, owner: User) -> None:
    asked = client.get("/settings/users?x=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/settings/users?x%3D1")
    answer = enter(client, f"  {owner.email.upper()} ")
    assert (answer.status_code, answer.location) == (303, "/settings/users")
    assert client.get("/settings/users").status_code == 200


@pytest.mark.parametrize(("email", "password"), [("olive@shop.example", "mistaken"), ("nobody@shop.example", PASSWORD)])
def test_a_wrong_email_and_a_wrong_password_answer_alike(
    client: Browser, owner: User, email: str, password: str
) -> None:
    answer = enter(client, email, password)
    assert answer.status_code == 422
    assert "Wrong email or password" in answer.text
    assert "Error: Sign in" in answer.text
    assert f'value="{email}"' in answer.text
    assert password not in answer.text.replace(owner.email, "")


def test_an_unknown_email_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch, client: Browser) -> None:
    asked: list[str | None] = []

    def verify(_password: str, stored: str | None) -> tuple[bool, str | None]:
        asked.append(stored)
        return False, None

    monkeypatch.setattr(passwords, "verify", verify)
    enter(client, "nobody@shop.example")
    assert asked == [None]


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "/\tevil",
        "javascript:0",
        "/sign-out",
    ],
)
def test_only_this_sites_pages_are_gone_to(client: Browser, owner: User, wanted: str) -> None:
    assert enter(client, owner.email, to=wanted).location == "/customers"


def test_signing_in_begins_a_new_session(client: Browser, owner: User, session: Session) -> None:
    with client.cookie() as cookie:
        cookie["planted"] = "by someone else"
    enter(client, owner.email)
    with client.cookie() as cookie:
        assert "planted" not in cookie
        assert session.get(UserSession, cookie["_user_id"]) is None, "the database must hold a hash only"


def test_signing_out_ends_the_session_for_good(client: Browser, owner: User, session: Session) -> None:
    enter(client, owner.email)
    kept = client.get_cookie("posxero", domain="localhost")
    assert kept is not None
    assert client.submit("/sign-out").location == "/sign-in"
    client.set_cookie("posxero", kept.value, domain="localhost")
    assert client.get("/settings/users").status_code == 303
    assert session.scalars(select(UserSession)).all() == []


@pytest.mark.parametrize(("column", "age"), [("active_at", timedelta(minutes=16)), ("created_at", timedelta(hours=13))])
def test_an_idle_or_an_old_sign_in_is_over(
    sign_in: SignIn, owner: User, session: Session, column: str, age: timedelta
) -> None:
    browser = sign_in(owner)
    assert browser.get("/settings/users").status_code == 200
    session.execute(update(UserSession).values({column: datetime.now(UTC) - age}))
    session.commit()
    assert browser.get("/settings/users").status_code == 303


def test_htmx_is_sent_to_the_sign_in_page_and_back(client: Browser) -> None:
    answer = client.get(
        "/settings/users", headers={"HX-Request": "true", "HX-Current-URL": f"{PUBLIC_URL}/settings/users?a=b"}
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/settings/users?a%3Db")


def test_a_form_without_its_token_changes_nothing(sign_in: SignIn, owner: User, session: Session) -> None:
    browser = sign_in(owner)
    answer = browser.post("/settings/users/new", data={"name": "Eve", "email": "eve@shop.example", "role": "owner"})
    assert answer.status_code == 400
    assert "reload the page" in answer.text
    assert session.scalars(select(User.name)).all() == ["Olive"]


def test_a_form_from_another_site_changes_nothing(sign_in: SignIn, owner: User) -> None:
    browser = sign_in(owner)
    answer = browser.submit("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert browser.get("/settings/users").status_code == 200


def test_another_host_is_sent_to_the_right_one(client: Browser) -> None:
    answer = client.get("/customers?q=a", base_url="http://127.0.0.1:8000")
    assert (answer.status_code, answer.location) == (307, f"{PUBLIC_URL}/customers?q=a")


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: Browser, owner: User) -> None:
    answer = enter(client, owner.email)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("posxero=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "over http a Secure cookie would be dropped"


@pytest.mark.parametrize(
    ("role", "before", "said", "after"),
    [
        ("owner", "", "Pacific/Auckland", "Pacific/Auckland"),
        ("owner", "Australia/Perth", "Pacific/Auckland", "Australia/Perth"),
        ("owner", "", "UTC", ""),
        ("owner", "", "Etc/GMT+12", ""),
        ("owner", "", "Pacific/../../etc/passwd", ""),
        ("owner", "", "", ""),
        ("bookkeeper", "", "Europe/London", ""),
    ],
)
def test_a_business_without_a_time_zone_takes_that_of_its_owners_browser(
    session: Session, client: Browser, request: pytest.FixtureRequest, role: str, before: str, said: str, after: str
) -> None:
    user: User = request.getfixturevalue(role)
    business = user.business
    business.timezone = before
    session.commit()
    assert 'name="timezone" data-timezone' in client.get("/sign-in").text
    answer = client.submit("/sign-in", {"email": user.email, "password": PASSWORD, "timezone": said})
    assert answer.status_code == 303
    session.refresh(business)
    assert business.timezone == after
