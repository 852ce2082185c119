"""Disconnecting: at once here, in the background at Xero, and nothing that is kept is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from posxero.db.base import database_time
from posxero.db.connection import Connection, Consent, Grant
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import access, connections, grant_upkeep, token_refresh
from posxero.xero.errors import ConsentLost
from tests.support import consenting

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer


def upkeep(session: Session, ports: Ports, grant_id: UUID) -> None:
    """Do what the worker does with the hint."""
    session.commit()
    grant_upkeep.keep_alive(session, grant_id, ports, now=database_time(session))


def test_disconnecting_asks_first(olive: Browser, connection: Connection) -> None:
    page = olive.get("/settings/xero/disconnect")
    assert f"Disconnect {connection.name}?" in page.text
    assert "Keep connected" in page.text


def test_it_ends_here_at_once_without_a_call(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports, connection: Connection
) -> None:
    practice.clear_calls()
    answer = olive.submit("/settings/xero/disconnect")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/xero")
    assert practice.calls() == []
    session.refresh(connection)
    assert connection.state is ConnectionState.ENDED
    with pytest.raises(ConsentLost):
        access.open_client(session, connection, ports, now=database_time(session))
    assert "was disconnected" in olive.get("/settings/xero").text


def test_xero_is_told_and_the_tokens_are_wiped(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports, connection: Connection
) -> None:
    grant_id = connection.grant_id
    assert grant_id is not None
    olive.submit("/settings/xero/disconnect")
    assert grant_upkeep.due_grants(session, now=database_time(session), keep_alive=timedelta(days=20)) == [grant_id]
    upkeep(session, ports, grant_id)
    assert len(practice.calls("/connections/", "DELETE")) == 1
    assert practice.calls("/connect/revocation") == []
    session.expire_all()
    assert session.scalars(select(Grant)).all() == []
    assert connection.grant_id is None
    assert grant_upkeep.due_grants(session, now=database_time(session), keep_alive=timedelta(days=20)) == []


def test_with_an_expired_token_xero_is_told_too(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports, connection: Connection
) -> None:
    grant = connection.grant
    assert grant is not None
    grant.expires_at = database_time(session) - timedelta(minutes=1)
    session.commit()
    practice.fault("expire_tokens")
    olive.submit("/settings/xero/disconnect")
    upkeep(session, ports, grant.id)
    assert len(practice.calls("/connections/", "DELETE")) == 1
    assert [call["status"] for call in practice.calls("/connections/", "DELETE")] == [204]


def test_with_xero_away_the_tokens_are_wiped_all_the_same(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports, connection: Connection
) -> None:
    grant_id = connection.grant_id
    assert grant_id is not None
    practice.fault("drop_before", count=5, path="/connections")
    olive.submit("/settings/xero/disconnect")
    upkeep(session, ports, grant_id)
    assert session.scalars(select(Grant.id)).all() == []


def test_connecting_again_before_xero_was_told_keeps_the_new_connection(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports, connection: Connection, business: Business
) -> None:
    old = connection.grant_id
    assert old is not None
    olive.submit("/settings/xero/disconnect")
    consenting.connect(olive, practice)
    upkeep(session, ports, old)
    session.expire_all()
    found = connections.current(session, business.id)
    assert found is not None
    assert (found.id, found.state) == (connection.id, ConnectionState.CONNECTED)
    assert practice.calls("/connections/", "DELETE") == []
    client = access.open_client(session, found, ports, now=database_time(session))
    assert client.organisation().name == found.name


def test_tokens_of_an_abandoned_choice_are_wiped(
    olive: Browser, practice: PracticeServer, session: Session, ports: Ports
) -> None:
    consenting.connect(olive, practice, *[one.tenant_id for one in practice.organisations])
    grant_id = session.scalars(select(Grant.id)).one()
    session.commit()
    upkeep(session, ports, grant_id)
    assert session.scalars(select(Grant.id)).all() == [grant_id]
    session.commit()
    grant_upkeep.keep_alive(session, grant_id, ports, now=database_time(session) + timedelta(hours=2))
    assert session.scalars(select(Grant.id)).all() == []
    assert session.scalars(select(Consent.grant_id)).one() is None


def test_only_the_owner_disconnects(
    ports: Ports,  # noqa: ARG001
    connection: Connection,  # noqa: ARG001
    sign_in: Callable[[User], Browser],
    manager: User,
    stranger: User,
) -> None:
    assert sign_in(manager).submit("/settings/xero/disconnect").status_code == 403
    other = sign_in(stranger)
    assert other.submit("/settings/xero/disconnect").headers["Location"] == "/settings/xero"
    assert "Disconnect" not in other.get("/settings/xero").text


def test_without_a_csrf_token_nothing_ends(olive: Browser, session: Session, connection: Connection) -> None:
    assert olive.post("/settings/xero/disconnect").status_code == 400
    session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED


def test_connecting_again_while_the_old_token_is_refreshed_keeps_the_new_connection(
    olive: Browser,
    practice: PracticeServer,
    session: Session,
    ports: Ports,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant, business_id = connection.grant, connection.business_id
    assert grant is not None
    grant.expires_at = database_time(session) - timedelta(minutes=1)
    session.commit()
    olive.submit("/settings/xero/disconnect")
    refresh = token_refresh.refresh

    def refresh_slowly(*arguments: Any, **options: Any) -> str:
        token = refresh(*arguments, **options)
        consenting.connect(olive, practice)
        return token

    monkeypatch.setattr(token_refresh, "refresh", refresh_slowly)
    grant_upkeep.keep_alive(session, grant.id, ports, now=database_time(session))
    monkeypatch.undo()
    session.expire_all()
    found = connections.current(session, business_id)
    assert found is not None
    assert (found.state, practice.calls("/connections/", "DELETE")) == (ConnectionState.CONNECTED, [])
    organisation = access.call(session, found, ports, lambda client: client.organisation(), now=database_time(session))
    assert organisation.name == found.name
