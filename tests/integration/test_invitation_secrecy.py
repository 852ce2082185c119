"""The token of an invitation is used once, and stands in no log and no header."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero import logs
from posxero.app import create_app
from posxero.db.business import User
from posxero.db.session import db
from posxero.services.accounts import invitations, passwords
from posxero.services.accounts.invitations import InvitationClosed
from tests.support.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.settings import Settings

NOW = datetime.now(UTC)
CHOSEN = {"email": "ria@shop.example", "password": "seven green kettles"}


@pytest.fixture
def token(session: Session, owner: User) -> str:
    return invitations.create(session, owner, name="Ria", role="staff", now=NOW)[1]


def test_of_two_who_use_a_link_at_once_one_joins(
    make_session: Callable[[], Session], token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, hash_password = Barrier(2), passwords.hash_password

    def hash_together(password: str) -> str:
        both.wait(10)  # each has found the link usable by now
        return hash_password(password)

    def accept(session: Session, email: str) -> str:
        try:
            return invitations.accept(
                session, token, email=email, password=CHOSEN["password"], address="", now=NOW
            ).email
        except InvitationClosed:
            return "closed"

    monkeypatch.setattr(passwords, "hash_password", hash_together)
    sessions, emails = [make_session(), make_session()], ["ria@shop.example", "eve@shop.example"]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(accept, sessions, emails))
    assert "closed" in answers
    joined = make_session().scalars(select(User.email).where(User.name == "Ria")).all()
    assert joined == [answer for answer in answers if answer != "closed"]
    assert len(joined) == 1


def test_no_password_is_hashed_while_others_wait_to_write(
    session: Session, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = []

    def hash_password(_password: str) -> str:
        options = session.connection().get_execution_options() if session.in_transaction() else {}
        hashing.append(bool(options.get("writes")))
        return "hash"

    monkeypatch.setattr(passwords, "hash_password", hash_password)
    invitations.accept(session, token, **CHOSEN, address="", now=NOW)
    assert hashing == [False]


@pytest.mark.parametrize("production", [False, True])
def test_an_error_behind_the_link_is_logged_without_the_token(
    client: Browser, token: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *, production: bool
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"while answering http://pos.example/invitations/{token}?x=1")

    monkeypatch.setattr(invitations, "find", fail)
    client.application.testing = False
    logs.configure(production=production)
    try:
        assert client.get(f"/invitations/{token}").status_code == 500
    finally:
        client.application.testing = True
        logs.configure(production=False)
    written = "".join(capfd.readouterr())
    assert "/invitations/" in written
    assert token not in written


@pytest.mark.parametrize("name", logs.SERVER_LOGGERS)
def test_a_server_logs_the_address_without_the_token(token: str, caplog: pytest.LogCaptureFixture, name: str) -> None:
    logs.configure(production=False)
    with caplog.at_level(logging.INFO, logger=name):
        logging.getLogger(name).info("%s %s", f'"GET /invitations/{token} HTTP/1.1"', f"http://x/invitations/{token}")
        logging.getLogger(name).info("%(r)s", {"r": f"GET /invitations/{token} HTTP/1.1"})
    assert caplog.messages == ['"GET /invitations/… HTTP/1.1" http://x/invitations/…', "GET /invitations/… HTTP/1.1"]


def test_the_page_is_not_kept_and_tells_no_other_site_its_address(client: Browser, token: str) -> None:
    pages = [client.get(f"/invitations/{token}"), client.get("/invitations/unknown"), client.post("/invitations/x")]
    assert [page.status_code for page in pages] == [200, 404, 400]
    for page in pages:
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "strict-origin"
    assert client.get("/sign-in").headers["Referrer-Policy"] == "same-origin"


def test_the_form_is_accepted_over_https_where_the_referrer_names_the_host_only(settings: Settings, token: str) -> None:
    app = create_app(replace(settings, env="production", public_url="https://pos.example"))
    app.test_client_class = Browser
    browser = app.test_client()
    with browser.session_transaction(base_url="https://pos.example") as cookie:
        cookie["csrf_token"] = "0" * 40
    page = browser.get(f"/invitations/{token}", base_url="https://pos.example").text
    sent = {**CHOSEN, "csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
    answer = browser.post(
        f"/invitations/{token}", data=sent, base_url="https://pos.example", headers={"Referer": "https://pos.example/"}
    )
    assert (answer.status_code, answer.location) == (303, "/customers")
    with app.app_context():
        db.engine.dispose()
