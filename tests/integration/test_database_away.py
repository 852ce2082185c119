"""Pages while the database cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from sqlalchemy import event

from posxero.db.session import db
from tests.support.browser import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy import Connection

    from posxero.db.business import User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

ANN = {"name": 'Ann "Till" Smith', "notes": 'On <b>account</b>\r\n">', "fax": "", "idempotency_key": "1234"}


class Wire:
    """The way to the database: while it is cut, every statement fails."""

    cut = False


@pytest.fixture
def wire(app: Flask) -> Iterator[Wire]:
    """Return the app's way to the database."""
    with app.app_context():
        engine = db.engine
    dbapi: Any = engine.dialect.loaded_dbapi
    found = Wire()

    def fail(*_: Any) -> None:
        if found.cut:
            raise dbapi.OperationalError("server closed the connection unexpectedly")

    event.listen(engine, "do_execute", fail)
    yield found
    event.remove(engine, "do_execute", fail)


@pytest.mark.parametrize("path", ["/customers", "/sync", "/settings/xero"])
def test_a_page_says_so_to_the_person_who_is_signed_in(sign_in: SignIn, owner: User, wire: Wire, path: str) -> None:
    browser = sign_in(owner)
    assert browser.get(path).status_code == 200
    wire.cut = True
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "The database cannot be reached. Try again in a minute." in answer.text


def test_what_is_wrong_anyhow_is_still_said(sign_in: SignIn, owner: User, wire: Wire) -> None:
    browser = sign_in(owner)
    wire.cut = True
    answer = browser.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_a_part_of_a_page_becomes_a_toast(sign_in: SignIn, owner: User, wire: Wire) -> None:
    browser = sign_in(owner)
    wire.cut = True
    answer = browser.part("/customers?q=ann", "div#results")
    assert answer.status_code == 503
    assert "The database cannot be reached" in answer.text
    assert "<html" not in answer.text


def test_the_sign_in_holds_until_it_is_back(sign_in: SignIn, owner: User, wire: Wire) -> None:
    browser = sign_in(owner)
    wire.cut = True
    assert browser.get("/customers").status_code == 503
    wire.cut = False
    assert browser.get("/customers").status_code == 200


def test_what_was_typed_comes_back(sign_in: SignIn, owner: User, wire: Wire) -> None:
    browser = sign_in(owner)
    wire.cut = True
    answer = browser.submit("/customers/new", ANN)
    assert answer.status_code == 503
    assert "The database cannot be reached. Nothing was saved." in answer.text
    assert "<dt>Notes</dt><dd>On &lt;b&gt;account&lt;/b&gt;\r\n&#34;&gt;</dd>" in answer.text
    wire.cut = False
    sent = form_of(answer.text)
    assert sent.action == "/customers/new"
    again = browser.post(sent.action, data=sent.fields)
    assert again.status_code == 303
    assert sent.fields == {"csrf_token": ANY, **ANN}


def test_a_form_that_is_sent_by_htmx_stays_where_it_is(sign_in: SignIn, owner: User, wire: Wire) -> None:
    browser = sign_in(owner)
    wire.cut = True
    answer = browser.part("/customers/new", "form#customer-new", ANN)
    assert answer.status_code == 503
    assert "Nothing was saved." in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/settings/users/new"])
def test_a_password_is_asked_for_again(sign_in: SignIn, owner: User, wire: Wire, path: str) -> None:
    browser = sign_in(owner)
    wire.cut = True
    answer = browser.submit(path, {"email": "kim@shop.example", "password": "seven green kettles"})
    assert answer.status_code == 503
    assert "seven green kettles" not in answer.text
    assert form_of(answer.text).fields == {"csrf_token": ANY, "email": "kim@shop.example", "password": ""}


def test_what_may_have_been_saved_is_not_called_unsaved(
    app: Flask, sign_in: SignIn, owner: User, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        engine = db.engine
    dialect: Any = engine.dialect
    commit = dialect.do_commit

    def cut(connection: Connection) -> None:
        wire.cut = bool(connection.get_execution_options().get("writes"))

    def lose_the_answer(connection: Any) -> None:
        commit(connection)
        if wire.cut:
            raise dialect.loaded_dbapi.OperationalError("server closed the connection unexpectedly")

    browser = sign_in(owner)
    made = browser.submit("/customers/new", ANN)
    assert made.status_code == 303
    event.listen(engine, "commit", cut)
    monkeypatch.setattr(dialect, "do_commit", lose_the_answer)
    answer = browser.submit(f"{made.location}/edit", {**ANN, "version": "1", "phone": "021 555 001"})
    event.remove(engine, "commit", cut)
    wire.cut = False
    assert answer.status_code == 503
    assert "Nothing was saved" not in answer.text
    assert "It may have been saved anyway" in answer.text
    assert "021 555 001" in browser.get(made.location).text
