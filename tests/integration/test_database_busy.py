"""Pages while another transaction holds what a request must write."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select, text, update

from posxero.db.business import UserSession
from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.db.models import Base
from posxero.db.session import db
from tests.support.browser import form_of
from tests.support.people import PASSWORD
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

KIM = {"name": "Kim", "email": "kim@shop.example", "role": "owner", "password": "seven green kettles"}


@pytest.fixture
def hold(app: Flask, make_session: Callable[[], Session]) -> Iterator[Callable[[], Session]]:
    """Begin to write in another session, which keeps everybody else from writing; the app waits 20 ms for it."""

    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 20" if engine.name == "sqlite" else "SET lock_timeout = 20")

    def begin() -> Session:
        session = make_session()
        session.connection(execution_options={"writes": True})
        if engine.name == "postgresql":
            names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
            session.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        return session

    with app.app_context():
        engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", hurry)
    yield begin
    event.remove(engine, "connect", hurry)
    engine.dispose()


def test_a_page_can_be_read(sign_in: SignIn, owner: User, hold: Callable[[], Session], session: Session) -> None:
    """Although the person's activity cannot be noted."""
    browser = sign_in(owner)
    with writing(session):
        session.execute(update(UserSession).values(active_at=now() - timedelta(minutes=1)))
    hold()
    assert browser.get("/customers").status_code == 200


def test_what_was_typed_is_saved_on_the_next_try(
    sign_in: SignIn, owner: User, hold: Callable[[], Session], session: Session
) -> None:
    browser = sign_in(owner)
    holder = hold()
    answer = browser.submit("/customers/new", {"name": "Ann Smith", "idempotency_key": "1"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Retail POS is busy" in answer.text
    assert "Other changes were being saved, and yours had to wait too long. Nothing was saved." in answer.text
    assert session.scalars(select(Contact)).all() == []
    session.rollback()
    holder.rollback()
    sent = form_of(answer.text)
    assert browser.post(sent.action, data=sent.fields).status_code == 303
    assert session.scalars(select(Contact.name)).all() == ["Ann Smith"]


def test_a_person_signs_in_on_the_next_try(client: Browser, owner: User, hold: Callable[[], Session]) -> None:
    holder = hold()
    answer = client.submit("/sign-in", {"email": owner.email, "password": PASSWORD, "next": "/sync"})
    assert answer.status_code == 503
    assert PASSWORD not in answer.text
    holder.rollback()
    sent = form_of(answer.text)
    assert client.post(sent.action, data={**sent.fields, "password": PASSWORD}).location == "/sync"


def test_a_role_that_is_sent_again_is_shown(sign_in: SignIn, owner: User, hold: Callable[[], Session]) -> None:
    browser = sign_in(owner)
    hold()
    page = browser.submit("/settings/users/new", KIM).text
    assert "<dt>Role</dt><dd>owner</dd>" in page
    assert KIM["password"] not in page
