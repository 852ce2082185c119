"""Tokens: refreshed once by many, kept when Xero is away, and given up only when Xero says so."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet

from posxero.db.base import database_time
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import access, grant_upkeep, token_refresh
from posxero.xero import identity
from posxero.xero.errors import ConsentLost, RetryLater
from posxero.xero.vault import Tokens, Vault
from tests.support import consenting
from tests.support.calling import ask_name, expire, grant_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.connection import Connection
    from posxero.ports import Ports
    from tests.support.browser import Browser
    from tests.support.practice_server import PracticeServer

TOKEN = "/connect/token"


@pytest.fixture
def grant_id(connection: Connection) -> UUID:
    assert connection.grant_id is not None
    return connection.grant_id


def token(session: Session, ports: Ports, grant_id: UUID) -> str:
    return access.access_token(session, ports, grant_id, now=database_time(session))


def hurried(ports: Ports, **timings: Any) -> Ports:
    settings = dataclasses.replace(ports.settings, timings=dataclasses.replace(ports.settings.timings, **timings))
    return dataclasses.replace(ports, settings=settings)


def test_a_good_token_is_used_without_a_call(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    assert ask_name(session, connection, ports) == practice.organisations[0].name
    assert practice.calls(TOKEN) == []


def test_a_token_with_little_left_is_refreshed_first(
    session: Session, ports: Ports, practice: PracticeServer, grant_id: UUID
) -> None:
    before = token(session, ports, grant_id)
    expire(session, after=timedelta(minutes=2))
    after = token(session, ports, grant_id)
    assert after != before
    assert token(session, ports, grant_id) == after
    assert len(practice.calls(TOKEN)) == 1
    assert grant_of(session).token_version == 2
    assert grant_of(session).lease_until is None


def test_ten_that_meet_an_expired_token_refresh_it_once(
    make_session: Callable[[], Session], session: Session, ports: Ports, practice: PracticeServer, grant_id: UUID
) -> None:
    expire(session)
    practice.fault("slow", path=TOKEN, seconds=0.3)
    sessions = [make_session() for _ in range(10)]
    with ThreadPoolExecutor(10) as many:
        found = set(many.map(lambda own: token(own, ports, grant_id), sessions))
    assert len(found) == 1
    assert len(practice.calls(TOKEN)) == 1


def test_a_401_is_refreshed_once_and_asked_again(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    practice.fault("expire_tokens")
    assert ask_name(session, connection, ports) == practice.organisations[0].name
    assert [call["status"] for call in practice.calls("/api.xro")] == [401, 200]
    assert len(practice.calls(TOKEN)) == 1


def test_a_lost_answer_is_asked_for_again(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    expire(session)
    practice.fault("drop_after", path=TOKEN)
    assert ask_name(session, connection, ports) == practice.organisations[0].name
    assert len(practice.calls(TOKEN)) == 2


def test_death_between_the_answer_and_the_commit_costs_nothing(
    session: Session, ports: Ports, practice: PracticeServer, grant_id: UUID
) -> None:
    expire(session)
    now = database_time(session)
    held = token_refresh.read_grant(session, ports.vault, grant_id)
    assert token_refresh.acquire_lease(session, held, until=now + timedelta(seconds=30), now=now)
    identity.refresh(ports.http, ports.settings, held.tokens.refresh)  # and here the process dies
    later = now + timedelta(seconds=31)
    assert grant_upkeep.due_grants(session, now=later, keep_alive=timedelta(days=20)) == [grant_id]
    session.commit()
    assert access.access_token(session, ports, grant_id, now=later) != held.tokens.access
    assert len(practice.calls(TOKEN)) == 2


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop_before"])
def test_a_xero_that_is_away_costs_no_token(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection, kind: str
) -> None:
    expire(session)
    sealed = grant_of(session).tokens
    session.commit()
    practice.fault(kind, count=2, path=TOKEN)
    with pytest.raises(RetryLater):
        ask_name(session, connection, ports)
    assert grant_of(session).tokens == sealed
    assert connection.state is ConnectionState.CONNECTED
    practice.fault("clear")
    session.commit()
    assert ask_name(session, connection, ports) == practice.organisations[0].name


def test_a_token_that_still_works_is_used_while_it_cannot_be_refreshed(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    expire(session, after=timedelta(minutes=2))
    practice.fault("503", count=2, path=TOKEN)
    assert ask_name(session, connection, ports) == practice.organisations[0].name


def test_a_slow_refresh_of_another_process_postpones(
    session: Session, ports: Ports, practice: PracticeServer, grant_id: UUID
) -> None:
    expire(session)
    now = database_time(session)
    held = token_refresh.read_grant(session, ports.vault, grant_id)
    token_refresh.acquire_lease(session, held, until=now + timedelta(seconds=30), now=now)
    with pytest.raises(RetryLater) as caught:
        access.access_token(session, hurried(ports, token_wait=timedelta(seconds=0.2)), grant_id, now=now)
    assert caught.value.wait is not None
    assert practice.calls(TOKEN) == []


def test_a_dead_consent_is_said_once_and_not_asked_again(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    held = token_refresh.read_grant(session, ports.vault, connection.grant_id or connection.id)
    practice.revoke(held.tokens.refresh)
    expire(session)
    with pytest.raises(ConsentLost):
        ask_name(session, connection, ports)
    session.expire_all()
    assert connection.state is ConnectionState.LOST
    assert "Connect again" in connection.reason
    assert grant_of(session).lost_at is not None
    practice.clear_calls()
    session.commit()
    with pytest.raises(ConsentLost, match="Connect again"):
        ask_name(session, connection, ports)
    assert practice.calls() == []


def test_a_refused_old_token_is_no_loss_when_another_process_was_faster(
    session: Session, ports: Ports, grant_id: UUID
) -> None:
    held = token_refresh.read_grant(session, ports.vault, grant_id)
    expire(session)
    newer = token(session, ports, grant_id)
    now = database_time(session)
    stale = dataclasses.replace(held, tokens=Tokens(access="old", refresh="dead"))
    session.commit()
    assert token_refresh.refresh(session, ports, stale, stale.grant_id, now=now) == newer
    assert grant_of(session).lost_at is None


def test_an_app_removed_in_xero_loses_the_connection_with_the_reason(
    session: Session, ports: Ports, practice: PracticeServer, connection: Connection
) -> None:
    practice.fault("disconnect")
    with pytest.raises(ConsentLost):
        ask_name(session, connection, ports)
    session.expire_all()
    assert connection.state is ConnectionState.LOST
    assert "disconnected" in connection.reason
    assert grant_of(session).lost_at is None


def test_a_loss_of_the_old_grant_does_not_touch_the_new_connection(
    session: Session, connection: Connection, ports: Ports, olive: Browser, practice: PracticeServer
) -> None:
    old = connection.grant_id
    consenting.connect(olive, practice)
    access.mark_connection_lost(session, connection, "too late", grant_id=old)
    session.expire_all()
    assert connection.state is ConnectionState.CONNECTED
    session.commit()
    assert ask_name(session, connection, ports) == practice.organisations[0].name


def test_rotated_keys_still_read_and_a_removed_key_asks_to_reconnect(
    session: Session, ports: Ports, connection: Connection, environment: dict[str, str], practice: PracticeServer
) -> None:
    new = Fernet.generate_key().decode()
    rotated = dataclasses.replace(ports, vault=Vault([new, environment["POSXERO_TOKEN_KEYS"]]))
    assert ask_name(session, connection, rotated) == practice.organisations[0].name
    removed = dataclasses.replace(ports, vault=Vault([new]))
    with pytest.raises(ConsentLost, match="keys"):
        ask_name(session, connection, removed)
    session.expire_all()
    assert connection.state is ConnectionState.LOST


def test_an_idle_grant_is_refreshed_before_xero_forgets_it(
    session: Session, ports: Ports, practice: PracticeServer, grant_id: UUID
) -> None:
    now = database_time(session)
    session.commit()
    grant_upkeep.keep_alive(session, grant_id, ports, now=now + timedelta(days=19))
    assert practice.calls(TOKEN) == []
    grant_upkeep.keep_alive(session, grant_id, ports, now=now + timedelta(days=21))
    assert len(practice.calls(TOKEN)) == 1
    assert grant_upkeep.due_grants(session, now=now + timedelta(days=21), keep_alive=timedelta(days=20)) == []


def test_no_token_is_in_a_log(
    session: Session, ports: Ports, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    expire(session)
    ask_name(session, connection, ports)
    held = token_refresh.read_grant(session, ports.vault, connection.grant_id or connection.id)
    logged = "".join(capsys.readouterr())
    assert "xero.called" in logged
    assert held.tokens.access not in logged
    assert held.tokens.refresh not in logged
