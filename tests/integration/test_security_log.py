"""The security log: what is recorded, who reads it, and that nothing is changed or lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from posxero.db.business import Business, User
from posxero.db.security import AppendOnly, SecurityEvent
from posxero.domain.security_events import SecurityEventKind as Kind
from posxero.services.accounts import passwords, security_log
from posxero.services.accounts.security_log import Actor
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

NOW = datetime(2026, 11, 26, 8, 34, tzinfo=UTC)
PAGE = "/settings/security"


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords without argon2, which is slow on purpose."""
    monkeypatch.setattr(passwords, "verify", lambda password, kept: (kept is not None and password == PASSWORD, None))


def add(session: Session, business: Business, count: int = 1, kind: Kind = Kind.SIGNED_IN) -> None:
    for number in range(count):
        by = Actor(name=f"Person {number:03}", address="203.0.113.7")
        security_log.record(session, business.id, kind, by=by, now=NOW + timedelta(seconds=number))
    session.commit()


def recorded(session: Session) -> list[tuple[Kind, str, str, str, str]]:
    """List what the log holds, the oldest first: kind, actor, subject, detail, address."""
    session.rollback()
    rows = session.scalars(select(SecurityEvent).order_by(SecurityEvent.at, SecurityEvent.id))
    return [(row.kind, row.actor, row.subject, row.detail, row.address) for row in rows]


def guess(app: Flask, user: User, count: int) -> None:
    for number in range(count):
        browser = cast("Browser", app.test_client())
        browser.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        browser.submit("/sign-in", {"email": user.email, "password": "planted-guess"})


def test_signing_in_and_out_is_recorded(client: Browser, owner: User, session: Session) -> None:
    with capture_logs() as lines:
        client.submit("/sign-in", {"email": owner.email, "password": "planted-guess"})
        typed, browser = {"email": owner.email, "password": PASSWORD}, {"User-Agent": "Firefox/1 Linux"}
        client.submit("/sign-in", typed, headers=browser)
        client.submit("/sign-out")
    assert recorded(session) == [
        (Kind.SIGN_IN_FAILED, "", "Olive", "", "127.0.0.1"),
        (Kind.SIGNED_IN, "Olive", "", "Firefox on Linux", "127.0.0.1"),
        (Kind.SIGNED_OUT, "Olive", "", "", "127.0.0.1"),
    ]
    assert [line["event"] for line in lines] == [
        "security.sign_in_failed",
        "security.signed_in",
        "security.signed_out",
    ]
    assert {line["business"] for line in lines} == {str(owner.business_id)}
    assert not any(secret in str(lines) for secret in ("planted-guess", PASSWORD, "Olive", owner.email))


@pytest.mark.usefixtures("owner")
def test_failures_of_nobodys_email_are_log_lines_without_the_email(client: Browser, session: Session) -> None:
    with capture_logs() as lines:
        for _ in range(6):
            client.submit("/sign-in", {"email": "nobody@shop.example", "password": "planted-guess"})
    assert [line["event"] for line in lines] == ["security.sign_in_failed"] * 5 + ["security.throttled"]
    assert len({line["account"] for line in lines}) == 1
    assert "nobody" not in str(lines)
    assert recorded(session) == []


def test_the_owner_is_told_of_many_failures_until_it_is_seen(
    app: Flask, sign_in: SignIn, owner: User, manager: User, session: Session
) -> None:
    olive, mana = sign_in(owner), sign_in(manager)
    with capture_logs() as lines:
        guess(app, manager, 30)
    assert [line["event"] for line in lines].count("security.many_failures") == 1
    assert [line["log_level"] for line in lines if line["event"] == "security.many_failures"] == ["warning"]
    assert "Many wrong passwords" in olive.get("/customers").text
    assert "Many wrong passwords" not in mana.get("/customers").text
    assert "Many wrong passwords: Mana" in olive.get(f"{PAGE}?kind=many_failures").text
    assert olive.submit(f"{PAGE}/seen").status_code == 303
    assert "Somebody entered many wrong passwords" not in olive.get("/customers").text
    assert sum(kind is Kind.MANY_FAILURES for kind, *_ in recorded(session)) == 1


def test_an_attack_cannot_fill_the_log(app: Flask, owner: User, session: Session) -> None:
    guess(app, owner, 60)
    assert len(recorded(session)) == 22, "twenty failures one by one, one of the minute, and the alert"


def test_changes_of_users_are_recorded_with_who_made_them(
    sign_in: SignIn, client: Browser, owner: User, session: Session
) -> None:
    browser = sign_in(owner)
    ria = {"name": "Ria", "email": "ria@shop.example", "role": "staff", "password": PASSWORD}
    page = browser.submit("/settings/users/new", ria).text
    (link,) = re.findall(r"/invitations/[\w-]+", page)
    client.submit(link, ria)
    user_id = session.scalars(select(User.id).where(User.name == "Ria")).one()
    session.rollback()
    for password in ("seven green kettles", ""):
        browser.submit(f"/settings/users/{user_id}", {"name": "Ria T", "role": "manager", "password": password})
    browser.submit(f"/settings/users/{user_id}/delete")
    signed_in = [event for event in recorded(session) if event[0] is Kind.SIGNED_IN]
    assert [event for event in recorded(session) if event not in signed_in] == [
        (Kind.USER_INVITED, "Olive", "Ria", "Staff", "127.0.0.1"),
        (Kind.USER_ADDED, "Ria", "Ria", "Staff, invited by Olive", "127.0.0.1"),
        (Kind.USER_CHANGED, "Olive", "Ria T", "name was Ria, role Staff → Manager, new password", "127.0.0.1"),
        (Kind.USER_REMOVED, "Olive", "Ria T", "", "127.0.0.1"),
    ]


def test_a_page_holds_fifty_the_newest_first_and_one_kind_if_wanted(
    sign_in: SignIn, owner: User, business: Business, other_business: Business, session: Session
) -> None:
    add(session, business, 120)
    add(session, business, 1, Kind.CONNECTED)
    add(session, other_business, 1, Kind.EXPORTED)
    browser = sign_in(owner)
    first, third = browser.get(PAGE).text, browser.get(f"{PAGE}?page=3").text
    assert first.count('<th scope="row">') == 50
    assert first.index("Person 119") < first.index("Person 118")
    assert "Person 000" in third
    assert "File downloaded:" not in browser.get(f"{PAGE}?kind=exported").text
    only = browser.get(f"{PAGE}?kind=connected").text
    assert only.count('<th scope="row">') == 1
    assert "203.0.113.7" in only
    assert "<html" not in browser.part(f"{PAGE}?kind=connected", "div#results").text
    assert browser.get(f"{PAGE}?kind=made-up&page=999").status_code == 200


def test_only_owners_read_it(sign_in: SignIn, manager: User) -> None:
    answer = sign_in(manager).get(PAGE)
    assert answer.status_code == 403
    assert "Ask an owner." in answer.text


def test_nothing_changes_or_deletes_an_event(session: Session, business: Business) -> None:
    add(session, business)
    event = session.scalars(select(SecurityEvent)).one()
    event.actor = "Somebody else"
    with pytest.raises(AppendOnly):
        session.flush()
    session.rollback()
    for statement in (update(SecurityEvent).values(actor="x"), delete(SecurityEvent)):
        with pytest.raises(AppendOnly):
            session.execute(statement)
    for words in ("UPDATE security_event SET actor = 'x'", "DELETE FROM security_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(words))
        session.rollback()
    assert [row[1] for row in recorded(session)] == ["Person 000"]


def test_events_go_with_their_business(session: Session, business: Business) -> None:
    add(session, business, 3)
    session.execute(delete(Business).where(Business.id == business.id))
    session.commit()
    assert session.scalar(select(func.count()).select_from(SecurityEvent)) == 0


def test_what_was_taken_back_is_in_no_log(session: Session, business: Business) -> None:
    with capture_logs() as lines:
        security_log.record(session, business.id, Kind.EXPORTED, by=Actor(), now=NOW)
        session.rollback()
        add(session, business)
    assert [line["event"] for line in lines] == ["security.signed_in"]
