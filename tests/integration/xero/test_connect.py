"""Connecting a business to Xero, as its owner does it in a browser."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.connection import Connection, Consent, Grant
from posxero.domain.enums import ConnectionState, Role
from posxero.services.xero_connection import connections
from tests.support import consenting, fakes
from tests.support.browser import PUBLIC_URL

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


def connected(session: Session, business: Business) -> Connection:
    session.commit()
    found = connections.current(session, business.id)
    assert found is not None
    return found


def nothing_kept(session: Session) -> bool:
    session.commit()
    return session.scalar(select(func.count()).select_from(Grant)) == 0 and not session.scalar(select(Connection.id))


def test_connecting_sends_what_is_owed_to_the_organisation(
    olive: Browser, practice: PracticeServer, app: Flask, ports: Ports, business: Business
) -> None:
    jobs = fakes.RecordingQueue()
    app.extensions["posxero"] = dataclasses.replace(ports, jobs=jobs)
    consenting.connect(olive, practice)
    assert jobs.pushes == [business.id]


def test_connecting_keeps_the_organisation(
    olive: Browser, practice: PracticeServer, session: Session, business: Business, ports: Ports
) -> None:
    answer = consenting.connect(olive, practice)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/xero")
    found = connected(session, business)
    organisation = practice.organisations[0]
    assert (str(found.tenant_id), found.name, found.short_code) == (
        practice.tenant,
        organisation.name,
        organisation.short_code,
    )
    assert (found.state, found.country, found.connected_by) == (ConnectionState.CONNECTED, "NZ", "Olive")
    grant = found.grant
    assert grant is not None
    assert b"refresh" not in grant.tokens
    assert ports.vault.open(grant.id, grant.tokens).tokens.access


def test_the_business_learns_where_it_is(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    business.country = business.timezone = business.currency = ""
    session.commit()
    consenting.connect(olive, practice)
    session.refresh(business)
    assert (business.country, business.timezone, business.currency) == ("NZ", "Pacific/Auckland", "NZD")


def test_the_consent_asks_for_pkce_state_and_our_scopes(olive: Browser) -> None:
    asked = consenting.ask(olive)
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) == 43
    assert asked["redirect_uri"] == f"{PUBLIC_URL}/xero/callback"
    assert asked["scope"] == "offline_access accounting.contacts accounting.invoices accounting.settings.read"
    assert consenting.ask(olive)["state"] != asked["state"]


def test_a_declined_consent_says_so(olive: Browser, practice: PracticeServer, session: Session) -> None:
    back = consenting.cancel(practice, consenting.ask(olive))
    answer = olive.get(back)
    assert answer.status_code == 400
    assert "You did not allow access" in answer.text
    assert 'href="/xero/connect"' in answer.text
    assert "was already completed" in olive.get(back).text
    assert nothing_kept(session)


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=made-up", "?state=", "?error=server_error&state=x"])
def test_a_made_up_answer_is_refused(olive: Browser, practice: PracticeServer, session: Session, query: str) -> None:
    answer = olive.get(f"/xero/callback{query}")
    assert answer.status_code == 400
    assert "was not started here" in answer.text
    assert practice.calls("/connect/token") == []
    assert nothing_kept(session)


def test_an_answer_is_used_once(olive: Browser, practice: PracticeServer, session: Session, business: Business) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    assert olive.get(back).status_code == 303
    answer = olive.get(back)
    assert answer.status_code == 400
    assert "was already completed" in answer.text
    assert len(practice.calls("/connect/token")) == 1
    assert connected(session, business).state is ConnectionState.CONNECTED


def test_an_answer_is_good_for_ten_minutes(olive: Browser, practice: PracticeServer, session: Session) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    session.scalars(select(Consent)).one().created_at -= timedelta(minutes=11)
    session.commit()
    assert "That took too long" in olive.get(back).text
    assert nothing_kept(session)


def test_another_sign_in_cannot_use_the_answer(
    olive: Browser, practice: PracticeServer, session: Session, sign_in: Callable[[User], Browser], owner: User
) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    answer = sign_in(owner).get(back)
    assert "was not started here" in answer.text
    assert nothing_kept(session)


def test_another_business_cannot_use_the_answer(
    olive: Browser, practice: PracticeServer, session: Session, sign_in: Callable[[User], Browser], stranger: User
) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    assert "was not started here" in sign_in(stranger).get(back).text
    assert nothing_kept(session)


def test_the_role_is_looked_at_again(olive: Browser, practice: PracticeServer, session: Session, owner: User) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    owner.role = Role.MANAGER
    session.commit()
    assert olive.get(back).status_code == 403
    assert nothing_kept(session)


def test_a_reused_code_is_refused(olive: Browser, practice: PracticeServer, session: Session) -> None:
    first, second = consenting.ask(olive), consenting.ask(olive)
    back = consenting.allow(practice, first)
    code = back.split("code=")[1].split("&")[0]
    answer = olive.get(f"/xero/callback?code={code}&state={second['state']}")
    assert answer.status_code == 400
    assert "code has expired" in answer.text
    assert nothing_kept(session)


@pytest.mark.parametrize("kind", ["500", "503", "drop_before", "drop_after"])
def test_a_xero_that_is_away_is_no_server_error(
    olive: Browser, practice: PracticeServer, session: Session, kind: str
) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    practice.fault(kind, path="/connect/token")
    answer = olive.get(back)
    assert answer.status_code == 503
    assert "Xero isn&#39;t responding" in answer.text
    assert nothing_kept(session)


def test_without_the_organisations_details_it_connects_all_the_same(
    olive: Browser, practice: PracticeServer, session: Session, business: Business
) -> None:
    back = consenting.allow(practice, consenting.ask(olive))
    practice.fault("500", count=2, path="/api.xro/2.0/Organisation")
    assert olive.get(back).status_code == 303
    found = connected(session, business)
    assert (found.name, found.short_code) == (practice.organisations[0].name, "")


def test_only_the_owner_connects(
    ports: Ports,  # noqa: ARG001
    sign_in: Callable[[User], Browser],
    manager: User,
    staff: User,
    bookkeeper: User,
) -> None:
    for person in (manager, staff, bookkeeper):
        browser = sign_in(person)
        assert [browser.get(path).status_code for path in ("/xero/connect", "/xero/callback")] == [403, 403]
        page = browser.get("/settings/xero")
        assert page.status_code == 200
        assert "/xero/connect" not in page.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_of_another_site_asks_before_it_leads_to_xero(olive: Browser, session: Session, site: str) -> None:
    answer = olive.get("/xero/connect", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 200
    assert 'href="/xero/connect">Continue to Xero' in answer.text
    assert session.scalar(select(func.count()).select_from(Consent)) == 0


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
def test_our_own_link_leads_to_xero_at_once(olive: Browser, headers: dict[str, str]) -> None:
    assert olive.get("/xero/connect", headers=headers).status_code == 302
