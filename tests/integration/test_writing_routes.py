"""Every address that writes, while another process commits every 10 ms."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import select, update

from posxero.db.business import UserSession
from posxero.db.connection import Consent, Grant
from posxero.db.contact import Contact
from posxero.db.engine import BUSY_TIMEOUT, writing
from posxero.db.import_ import Import
from posxero.db.sale import Sale
from posxero.domain.enums import Phase
from posxero.domain.kinds import ContactKind
from posxero.services.accounts import invitations
from posxero.services.contacts.lists import saved_filters
from tests.support import consenting, full_shop, importing
from tests.support.browser import PUBLIC_URL
from tests.support.committer import committing
from tests.support.fakes import open_ports
from tests.support.people import PASSWORD
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business, User
    from posxero.settings import Settings
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

    SignIn = Callable[[User], Browser]

PLACE = {"country": "AU", "timezone": "Australia/Sydney", "currency": "AUD"}
KIM = {"name": "Kim", "email": "kim@shop.example", "role": "staff", "password": "seven green kettles"}
CONTACT: dict[str, dict[str, str]] = {
    "keep_new_draft": {"name": "Zo"},
    "discard_new_draft": {},
    "new": {"name": "Zoe"},
    "keep_draft": {"name": "Ann Jon"},
    "discard_draft": {},
    "edit": {"name": "Ann Jones"},
    "archive": {},
    "restore": {},
    "try_again": {},
    "send_ours": {"empty_fields": "clear"},
    "send_all_ours": {},
    "use_xeros_value": {"field": "all"},
    "undo_link": {},
    "unlink": {"sure": "yes"},
    "create_link": {},
    "search_xero": {"q": "Ann"},
    "create_again": {},
    "follow_merge": {},
    "merge": {},
    "undo_merge": {},
    "mark_distinct": {},
    "unmark_distinct": {},
    "read_notice": {},
    "change_all": {"act": "archive"},
    "undo_archive": {},
    "save_filter": {"name": "All"},
    "rename_filter": {"name": "Everybody"},
    "delete_filter": {},
}
SIGNED_BY_XERO = {"xero_webhook.receive"}  # takes no form: drift/test_webhook.py
# What is sent to each endpoint that takes forms, in an order in which each finds what it needs.
FORMS: dict[str, dict[str, str]] = {
    "auth.sign_in": {"email": "olive@shop.example", "password": PASSWORD},
    **{f"customers.{name}": fields for name, fields in CONTACT.items()},
    **{f"suppliers.{name}": fields for name, fields in CONTACT.items()},
    "sync.try_again": {},
    "sync.try_all_again": {},
    "links.cure": {"cause": "archived", "cure": "try_again"},
    "imports.decide": {"press": "skip-all"},
    "imports.cancel": {"sure": "yes"},
    "imports.undo": {},
    "imports.repeat": {"outcome": "skipped"},
    "imports.exclude": {},
    "imports.include": {},
    "imports.new": {},
    "imports.upload": {},
    "imports.columns": {"column-0": "name"},
    "imports.carry_out": {},
    "sales.new": {"description-0": "Socks", "price-0": "34", "sold_on": "2026-11-26"},
    "sales.try_again": {},
    "sales.void": {},
    "sales.limit": {"credit_limit": "500"},
    "customers.erase": {},
    "suppliers.erase": {},
    "settings.sales": {"account_code": "200", "tax_type": "OUTPUT2", "due_days": "20", "next_number": "100"},
    "settings.refresh_sales": {},
    "settings.labels": {"kind": "group", "name": "Trade"},
    "settings.rename_label": {"name": "Very important"},
    "settings.delete_label": {},
    "settings.business": {"name": "Kauri Clothing", **PLACE, "currency": "NZD"},  # customers owe in it
    "settings.new_user": KIM,
    "invitations.accept": KIM | {"email": "ivy@shop.example"},
    "settings.renew_invitation": {},
    "settings.withdraw_invitation": {},
    "settings.change_user": {**KIM, "role": "manager"},
    "settings.delete_user": {},
    "xero.choose": {"sure": "1"},
    "settings.history_notes": {"history_notes": "on"},
    "settings.disconnect": {},
    "settings.security_seen": {},
    "settings.account": {"current_password": PASSWORD, "new_password": "seven green kettles"},
    "settings.end_sign_in": {},
    "settings.sign_out_others": {},
    "auth.sign_out": {},
}
SHOWS_A_LINK = {"settings.new_user", "settings.renew_invitation"}
ANSWERS = dict.fromkeys(SHOWS_A_LINK, 200) | {"imports.upload": 422}  # without a file


class Till:
    """A browser in which the owner is signed in, and the ids of rows behind every address."""

    def __init__(self, app: Flask, session: Session, browser: Browser, ids: dict[str, Any]) -> None:
        self.app, self.session, self.browser, self.ids = app, session, browser, ids

    def path(self, endpoint: str) -> str:
        (rule,) = self.app.url_map.iter_rules(endpoint)
        with self.app.test_request_context(base_url=PUBLIC_URL):
            arguments: dict[str, Any] = {key: self.ids[key] for key in rule.arguments}
            return self.app.url_for(endpoint, **arguments)

    def send(self, endpoint: str) -> TestResponse:
        """Send the endpoint's form."""
        browser = self.browser
        if endpoint in {"auth.sign_in", "invitations.accept"}:
            browser = cast("Browser", self.app.test_client())
        fields = self.fields(endpoint)
        return in_time(self.session, lambda: browser.submit(self.path(endpoint), fields))

    def end_imports(self) -> None:
        """Finish what no worker of this test will."""
        ended = {"phase": Phase.CANCELLED, "finished_at": now()}
        with writing(self.session):
            self.session.execute(update(Import).where(Import.finished_at.is_(None)).values(ended))

    def choose_settled(self) -> str:
        """Go on with a contact that nothing keeps from being erased; return its name."""
        sold = select(Sale.contact_id)
        settled = (Contact.erased_at.is_(None), Contact.id.not_in(sold), Contact.is_customer)
        found = self.session.execute(select(Contact.id, Contact.name).where(*settled).order_by(Contact.id)).first()
        self.session.rollback()
        assert found is not None
        self.ids["contact_id"] = found.id
        return str(found.name)

    def save_filter(self) -> None:
        """Save another filter."""
        business_id = self.session.scalars(
            select(Contact.business_id).where(Contact.id == self.ids["contact_id"])
        ).one()
        self.session.rollback()
        kind = ContactKind.SUPPLIER
        self.ids["filter_id"] = saved_filters.save(self.session, business_id, kind, "X", {}, by="Ria", now=now()).id

    def fields(self, endpoint: str) -> dict[str, str]:
        if endpoint in {"customers.new", "suppliers.new"}:
            return {"name": endpoint}  # one is not asked whether it is the other
        if endpoint.endswith(".edit"):
            version = self.session.scalar(select(Contact.version).where(Contact.id == self.ids["contact_id"]))
            return {"version": str(version), "company": endpoint, **FORMS[endpoint]}
        if endpoint.endswith(".erase"):
            return {"name": self.choose_settled()}
        if endpoint.endswith("mark_distinct"):
            one, other = self.session.scalars(select(Contact.id).order_by(Contact.id).limit(2))
            return {"one": str(one), "other": str(other)}
        if endpoint == "xero.choose":
            consent = self.session.scalars(select(Consent)).one()
            return {"tenant": consent.organisations[0]["tenant_id"], **FORMS[endpoint]}
        return FORMS[endpoint]


def in_time(
    session: Session, ask: Callable[[], TestResponse], *, idle: timedelta = timedelta(minutes=1)
) -> TestResponse:
    """Ask after a time without requests, so that this one is noted as activity; the answer may not take too long."""
    with writing(session):
        session.execute(update(UserSession).values(active_at=now() - idle))
    began = time.monotonic()
    answer = ask()
    assert answer.status_code != 503, answer.request.path
    assert time.monotonic() - began < BUSY_TIMEOUT / 1000, answer.request.path
    return answer


def endpoints(app: Flask, method: str) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


@pytest.fixture
def till(
    app: Flask,
    session: Session,
    business: Business,
    practice: PracticeServer,
    settings: Settings,
    owner: User,
    sign_in: SignIn,
) -> Iterator[Till]:
    ports, jobs = open_ports(settings)
    ids: dict[str, Any] = dict(full_shop.furnish(importing.Importer(session, business, ports, jobs), practice))
    browser = sign_in(owner)
    ids |= full_shop.keep(session, owner)
    ids["invitation_id"] = invitations.create(session, owner, name="Kea", role="staff", now=now())[0].id
    with writing(session):
        session.execute(update(Consent).values(grant_id=session.scalars(select(Grant.id)).one()))
    yield Till(app, session, browser, ids)
    ports.http.close()


def test_every_route_that_takes_a_form_is_listed_here(app: Flask) -> None:
    """A new one needs a line in FORMS."""
    assert set(FORMS) == set(endpoints(app, "POST")) - SIGNED_BY_XERO


@pytest.mark.slow
def test_no_route_is_refused_while_another_process_commits(
    till: Till, other_business: Business, database_url: str, session: Session
) -> None:
    with committing(session, database_url, other_business.id):
        for endpoint in set(endpoints(till.app, "GET")) - {"static", "xero.connect", "xero.callback"}:
            in_time(session, lambda: till.browser.get(till.path(endpoint)))  # noqa: B023 - called at once
        for endpoint in FORMS:
            if endpoint == "suppliers.rename_filter":
                till.save_filter()  # the one that customers.delete_filter deleted
            if endpoint in {"imports.new", "imports.columns"} or endpoint.endswith(".erase"):
                till.end_imports()  # the one that another form started
            answer = till.send(endpoint)
            assert answer.status_code == ANSWERS.get(endpoint, 303), (endpoint, answer.text)


def test_no_consent_is_refused_while_another_process_commits(
    practice: PracticeServer,
    sign_in: SignIn,
    owner: User,
    other_business: Business,
    database_url: str,
    session: Session,
) -> None:
    browser = sign_in(owner)
    with committing(session, database_url, other_business.id):
        answer = in_time(session, lambda: consenting.connect(browser, practice))
    assert answer.location == "/settings/xero"


def test_no_form_that_came_too_late_is_lost_while_another_process_commits(
    sign_in: SignIn, owner: User, other_business: Business, database_url: str, session: Session
) -> None:
    browser = sign_in(owner)
    with committing(session, database_url, other_business.id):
        answer = in_time(session, lambda: browser.submit("/customers/new", {"name": "Zoe"}), idle=timedelta(days=1))
    assert answer.location.startswith("/sign-in?next=/kept/")
