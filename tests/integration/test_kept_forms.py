"""Forms that arrive after the sign-in ended: contact fields are kept and shown whole, everything else is dropped."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from posxero.db.business import User, UserSession
from posxero.db.contact import Contact
from posxero.db.draft import Draft
from posxero.domain.fields import FIELDS, KEYS, by_key
from tests.support.browser import PUBLIC_URL
from tests.support.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FACT = re.compile(r'<dt>([^<]+)</dt><dd(?: class="lines")?>([^<]*)</dd>')


@pytest.fixture
def end_sign_ins(session: Session) -> Callable[[], None]:
    """Let every sign-in go idle."""

    def end() -> None:
        session.rollback()
        session.execute(update(UserSession).values(active_at=datetime.now(UTC) - timedelta(minutes=16)))
        session.commit()

    return end


@pytest.fixture
def till(sign_in: SignIn, owner: User, end_sign_ins: Callable[[], None]) -> Browser:
    """A browser at the till, over the owner's ended sign-in."""
    browser = sign_in(owner)
    end_sign_ins()
    return browser


def next_of(answer: TestResponse) -> str:
    address = answer.headers.get("HX-Redirect") or answer.location
    return parse_qs(urlsplit(address).query)["next"][0]


def enter(browser: Browser, email: str, to: str = "") -> TestResponse:
    return browser.submit("/sign-in", {"email": email, "password": PASSWORD, "next": to})


def kept(session: Session) -> list[Draft]:
    session.rollback()
    return list(session.scalars(select(Draft).order_by(Draft.id)))


def add(browser: Browser, name: str) -> str:
    return str(browser.submit("/customers/new", {"name": name}).location)


@pytest.mark.parametrize("htmx", [False, True])
def test_what_was_typed_when_the_sign_in_ran_out_is_offered_again(
    till: Browser, owner: User, manager: User, sign_in: SignIn, *, htmx: bool
) -> None:
    typed = {"name": "Ann Smith", "company_number": "<b>1</b>", "notes": "Two\nlines", "password": "never kept"}
    headers = {"HX-Request": "true"} if htmx else {}
    answer = till.submit("/customers/new", typed, headers=headers)
    assert answer.status_code == (401 if htmx else 303)
    page = next_of(answer)
    assert page.startswith("/kept/")
    assert enter(till, owner.email, page).location == page
    shown = till.get(page).text
    assert "&lt;b&gt;1&lt;/b&gt;" in shown
    assert 'action="/customers/new"' in shown
    assert "never kept" not in shown
    assert sign_in(manager).get(page).status_code == 404


def test_a_planted_role_is_not_kept_and_the_person_is_told(till: Browser, session: Session) -> None:
    planted = {"name": "Eve", "email": "eve@shop.example", "role": "owner", "password": "seven green kettles"}
    answer = till.submit("/settings/users/new", planted)
    assert next_of(answer) == "/settings/users/new"
    assert kept(session) == []
    assert "what you sent was not saved" in till.get(answer.location).text


def routes(app: Flask, contact_id: str) -> Iterator[tuple[str, str]]:
    """Name every endpoint that takes forms, with an address of it."""
    with app.test_request_context(base_url=PUBLIC_URL):
        for rule in app.url_map.iter_rules():
            if "POST" in (rule.methods or set()) and getattr(app.view_functions[rule.endpoint], "right", None):
                arguments: dict[str, Any] = {key: uuid4() for key in rule.arguments}
                if "contact_id" in arguments:
                    arguments["contact_id"] = UUID(contact_id)
                yield rule.endpoint, app.url_for(rule.endpoint, **arguments)


def test_only_the_forms_of_contacts_are_kept(
    app: Flask, sign_in: SignIn, owner: User, session: Session, end_sign_ins: Callable[[], None]
) -> None:
    browser = sign_in(owner)
    contact_id = add(browser, "Ann Smith").rpartition("/")[2]
    end_sign_ins()
    found = set()
    for endpoint, path in routes(app, contact_id):
        answer = browser.submit(path, {"name": "Ann", "role": "owner", "sure": "yes"})
        if next_of(answer).startswith("/kept/"):
            found.add(endpoint)
    assert found == {"customers.new", "customers.edit", "suppliers.new", "suppliers.edit"}
    assert {str(form.fields) for form in kept(session)} == {"{'name': 'Ann'}"}


def test_every_field_that_will_be_sent_is_shown_whole(
    sign_in: SignIn, owner: User, session: Session, end_sign_ins: Callable[[], None]
) -> None:
    browser = sign_in(owner)
    path = add(browser, "Ann Smith")
    end_sign_ins()
    filled = {key: f"{key} {'long ' * 30}end" for key in KEYS if key not in {"name", "fax", "notes"}}
    planted = {"role": "owner", "confirm_duplicate": "1", "is_supplier": "1", "archived_at": "2020-01-01"}
    sent = {**filled, "name": "Ann <Reid>", "fax": "", "notes": "Two\nlines", "version": "1", **planted}
    page = next_of(browser.submit(f"{path}/edit", sent))
    enter(browser, owner.email)
    shown = browser.get(page).text
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(shown)}
    assert set(hidden) == {"csrf_token", "version", *KEYS}
    facts = {label: html.unescape(value) for label, value in FACT.findall(shown)}
    assert facts.pop("Empty") == "Fax"
    assert facts == {field.full_label: hidden[field.key] for field in FIELDS if field.key != "fax"}
    assert facts[by_key("notes").full_label] == "Two\nlines"
    assert f'action="{path}/edit"' in shown
    assert ">Ann Smith</a>" in shown, "whose customer it is"
    hidden.update(email="ann@shop.example", fax="09 555 1234", street_country="NZ", postal_country="NZ")
    hidden.update(birthday="1990-12-31", marketing_consent="yes", customer_group="", tags="")
    short = {key: value[:20] for key, value in hidden.items() if key in KEYS}
    assert browser.submit(f"{path}/edit", {**short, "name": "Ann Reid", "version": hidden["version"]}).location == path
    assert session.scalars(select(Contact.is_supplier)).all() == [False]


def test_a_new_customer_sent_again_counts_once(till: Browser, owner: User, session: Session) -> None:
    page = next_of(till.submit("/customers/new", {"name": "Ann Smith", "idempotency_key": "one-form"}))
    enter(till, owner.email)
    fields = dict(HIDDEN.findall(till.get(page).text))
    assert fields["idempotency_key"] == "one-form"
    first, second = (till.submit("/customers/new", fields).location for _ in range(2))
    assert first == second
    assert session.scalars(select(Contact.name)).all() == ["Ann Smith"]


def test_a_form_that_is_too_large_is_not_kept_and_the_person_is_told(till: Browser, session: Session) -> None:
    fits = till.submit("/customers/new", {"name": "Ann", "notes": "é" * (32 * 1024 - 2)})
    assert next_of(fits).startswith("/kept/")
    answer = till.submit("/customers/new", {"name": "Ann", "notes": "é" * (32 * 1024)})
    assert next_of(answer) == "/customers/new"
    assert len(kept(session)) == 1
    assert "too large to keep (64 kB at most)" in till.get(answer.location).text


def test_a_person_has_ten_kept_forms_and_the_oldest_go(
    till: Browser, session: Session, sign_in: SignIn, owner: User, staff: User, end_sign_ins: Callable[[], None]
) -> None:
    other = sign_in(staff)
    paths = [add(sign_in(owner), f"Customer {number}") for number in range(12)]
    end_sign_ins()
    other.submit("/customers/new", {"name": "Sam's"})
    for number, path in enumerate(paths):
        till.submit(f"{path}/edit", {"name": f"Ann {number}"})
    assert [form.fields["name"] for form in kept(session)] == ["Sam's", *(f"Ann {number}" for number in range(2, 12))]


def test_what_no_database_holds_is_left_out(till: Browser, session: Session) -> None:
    assert next_of(till.submit("/customers/new", {"name": "nul \0 inside"})).startswith("/kept/")
    assert [form.fields for form in kept(session)] == [{"name": "nul inside"}]


def test_a_customer_of_another_shop_is_not_kept(
    till: Browser, session: Session, sign_in: SignIn, stranger: User
) -> None:
    path = add(sign_in(stranger), "Nora's")
    for address in (f"{path}/edit", f"/customers/{uuid4()}/edit"):
        assert next_of(till.submit(address, {"name": "Mine"})) == address
    assert kept(session) == []


def test_a_strangers_form_is_not_kept(client: Browser, session: Session) -> None:
    assert next_of(client.submit("/customers/new", {"name": "Ann"})) == "/customers/new"
    assert kept(session) == []
