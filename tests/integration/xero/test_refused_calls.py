"""A 401 or 403 of the Accounting API ends a connection only where /connections agrees."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import select

from posxero.db.base import database_time
from posxero.db.connection import Connection, Grant
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import access
from posxero.xero.errors import ConsentLost, RetryLater
from posxero.xero.transport import BoundedTransport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.ports import Ports
    from tests.support.practice_server import PracticeServer

API, LIST, TOKEN = "/api.xro/2.0/Organisation", "/connections", "/connect/token"
UNAUTHORIZED = (401, {"Title": "Unauthorized", "Detail": "TokenExpired: token expired"})
FORBIDDEN = (403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"})
AWAY = (503, None)


class Refusing(httpx2.BaseTransport):
    """Practice Xero, except for the next answers of the paths in `answers`; what was asked is in `asked`."""

    def __init__(self, session: Session, **answers: list[tuple[int, Any]]) -> None:
        self._inner = BoundedTransport()
        self._session = session
        self._answers = {API: answers.get("api", []), LIST: answers.get("listed", [])}
        self.asked: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert not self._session.in_transaction()
        self.asked.append(request.url.path)
        waiting = self._answers.get(request.url.path, [])
        if not waiting:
            return self._inner.handle_request(request)
        status, body = waiting.pop(0)
        return httpx2.Response(status, content=b"" if body is None else json.dumps(body))

    def close(self) -> None:
        self._inner.close()


def ask(session: Session, connection: Connection, ports: Ports, xero: Refusing) -> str | None:
    now = database_time(session)
    session.commit()
    with httpx2.Client(transport=xero) as http:
        changed = dataclasses.replace(ports, http=http)
        return access.call(session, connection, changed, lambda client: client.organisation().name, now=now)


def state(session: Session, connection: Connection) -> tuple[ConnectionState, str]:
    session.expire_all()
    found = (connection.state, connection.reason)
    assert session.scalars(select(Grant)).one().lost_at is None
    session.commit()
    return found


def test_two_401s_with_everything_else_alive_are_an_outage(
    session: Session, ports: Ports, connection: Connection, practice: PracticeServer
) -> None:
    xero = Refusing(session, api=[UNAUTHORIZED, UNAUTHORIZED])
    with pytest.raises(RetryLater, match="although"):
        ask(session, connection, ports, xero)
    assert xero.asked == [API, TOKEN, API, LIST]
    assert state(session, connection) == (ConnectionState.CONNECTED, "")
    assert ask(session, connection, ports, Refusing(session)) == practice.organisations[0].name


@pytest.mark.parametrize("refusal", [FORBIDDEN, (403, None)], ids=["detail", "empty"])
def test_a_403_of_a_listed_organisation_is_an_outage(
    session: Session, ports: Ports, connection: Connection, refusal: tuple[int, Any]
) -> None:
    xero = Refusing(session, api=[refusal])
    with pytest.raises(RetryLater, match="although"):
        ask(session, connection, ports, xero)
    assert xero.asked == [API, LIST]
    assert state(session, connection) == (ConnectionState.CONNECTED, "")


@pytest.mark.parametrize("refusals", [[UNAUTHORIZED, UNAUTHORIZED], [FORBIDDEN], [(403, None)]])
def test_an_organisation_that_is_not_listed_is_lost_alone(
    session: Session, ports: Ports, connection: Connection, refusals: list[tuple[int, Any]]
) -> None:
    with pytest.raises(ConsentLost):
        ask(session, connection, ports, Refusing(session, api=list(refusals), listed=[(200, [])]))
    found, reason = state(session, connection)
    assert found is ConnectionState.LOST
    assert reason.endswith("Connect again to continue.")


def test_a_fresh_token_that_is_refused_everywhere_is_lost(
    session: Session, ports: Ports, connection: Connection
) -> None:
    xero = Refusing(session, api=[UNAUTHORIZED] * 2, listed=[UNAUTHORIZED])
    with pytest.raises(ConsentLost, match="no longer accepts our permission"):
        ask(session, connection, ports, xero)
    assert xero.asked == [API, TOKEN, API, LIST]
    assert state(session, connection)[0] is ConnectionState.LOST


@pytest.mark.parametrize("refusals", [[UNAUTHORIZED, UNAUTHORIZED], [FORBIDDEN]])
@pytest.mark.parametrize("away", [AWAY, (429, None), (403, None), (200, {"not": "a list"})])
def test_nothing_is_lost_while_the_list_cannot_be_had(
    session: Session, ports: Ports, connection: Connection, refusals: list[tuple[int, Any]], away: tuple[int, Any]
) -> None:
    with pytest.raises(RetryLater):
        ask(session, connection, ports, Refusing(session, api=list(refusals), listed=[away]))
    assert state(session, connection) == (ConnectionState.CONNECTED, "")


def test_a_403_with_a_token_that_is_not_good_for_the_list_is_asked_again_with_a_fresh_one(
    session: Session, ports: Ports, connection: Connection, practice: PracticeServer
) -> None:
    xero = Refusing(session, api=[FORBIDDEN], listed=[UNAUTHORIZED])
    assert ask(session, connection, ports, xero) == practice.organisations[0].name
    assert xero.asked == [API, LIST, TOKEN, API]


def test_a_missing_scope_needs_no_second_opinion(session: Session, ports: Ports, connection: Connection) -> None:
    xero = Refusing(session, api=[(401, {"Detail": "AuthorizationUnsuccessful"})])
    with pytest.raises(ConsentLost, match="did not allow"):
        ask(session, connection, ports, xero)
    assert xero.asked == [API]
    assert state(session, connection)[0] is ConnectionState.LOST
