"""Settings → Xero says how changes in Xero are seen here, and when each way last worked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from posxero.db.drift_check import DriftCheck
from posxero.db.engine import writing
from posxero.domain.drift_kinds import DriftKind
from posxero.services.drift import schedule
from tests.support import factories
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.settings import Settings
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def checks(session: Session, business: Business, settings: Settings) -> None:
    """The shop is connected, and has its checks."""
    factories.add_connection(session, business)
    schedule.create_missing(session, settings.timings, now=now())


def set_check(session: Session, kind: DriftKind, **columns: Any) -> None:
    with writing(session):
        session.execute(update(DriftCheck).where(DriftCheck.kind == kind).values(**columns))


def page_of(browser: Browser) -> str:
    return " ".join(browser.get("/settings/xero").text.split())


def test_it_says_when_each_last_worked(session: Session, sign_in: SignIn, owner: User) -> None:
    page = page_of(sign_in(owner))
    assert "<dt>Last check for changes</dt><dd> Not yet </dd>" in page
    assert "<dt>Last report from Xero</dt><dd> None yet </dd>" in page
    for kind in DriftKind:
        set_check(session, kind, began_at=now(), worked_at=now())
    page = page_of(sign_in(owner))
    assert "Not yet" not in page
    assert "None yet" not in page
    assert "Last full check</dt><dd> today" in page
    assert "<dt>Next full check</dt><dd>" in page


def test_xero_away_is_one_sentence_that_says_since_when(session: Session, sign_in: SignIn, owner: User) -> None:
    worked = now() - timedelta(days=3)
    failing = {"failing_since": now() - timedelta(days=1), "reason": "Xero isn't responding."}
    set_check(session, DriftKind.POLL, worked_at=worked, **failing)
    page = page_of(sign_in(owner))
    assert re.search(r"Not since \d{1,2} \w{3} \d{4}, \d", page)
    assert "Xero isn&#39;t responding. What changed in Xero will show here once this works again." in page


def test_the_address_and_whether_the_key_is_set_are_for_owners_and_the_key_for_nobody(
    sign_in: SignIn, owner: User, manager: User
) -> None:
    page = page_of(sign_in(owner))
    assert "<code>http://localhost:8000/xero/webhook</code>" in page
    assert "<dt>Webhook key</dt><dd>Set</dd>" in page
    assert "within 5 minutes in any case" in page
    assert "practice-webhook" not in page
    assert "/xero/webhook" not in page_of(sign_in(manager))


def test_without_a_key_it_says_what_that_means(
    app: Flask, sign_in: SignIn, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = app.extensions["posxero"]
    xero = replace(ports.settings.xero, webhook_key="", day_limit=1000)
    monkeypatch.setitem(app.extensions, "posxero", replace(ports, settings=replace(ports.settings, xero=xero)))
    page = page_of(sign_in(owner))
    assert "Changes in Xero show here within 15 minutes." in page
    assert "<dt>Webhook key</dt><dd>Not set</dd>" in page
    assert "Last report from Xero" not in page
    assert "POSXERO_XERO_WEBHOOK_KEY" in page


def test_where_few_calls_are_allowed_it_says_how_many_changes_are_noted(
    app: Flask, sign_in: SignIn, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "at most" not in page_of(sign_in(owner))
    ports = app.extensions["posxero"]
    xero = replace(ports.settings.xero, day_limit=1000)
    monkeypatch.setitem(app.extensions, "posxero", replace(ports, settings=replace(ports.settings, xero=xero)))
    assert "Xero allows 1,000 calls a day, so at most 100 changes are noted a day." in page_of(sign_in(owner))
