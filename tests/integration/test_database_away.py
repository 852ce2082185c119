"""Pages while the database cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from posxero.db.session import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from posxero.db.business import User
    from tests.browser import Browser

    SignIn = Callable[[User], Browser]


class Wire:
    """The way to the database: while it is cut, every statement fails."""

    cut = False


@pytest.fixture
def wire(app: Flask) -> Iterator[Wire]:
    """Give the app's way to the database."""
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
    assert "The database cannot be reached. Nothing is lost." in answer.text


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
