"""The address of Xero's webhooks: 200 or 401, without a body or a cookie, and ids to read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from posxero.db.engine import writing
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.enums import ConnectionState
from posxero.queue import JobQueue
from posxero.redis_client import redis_client
from posxero.services.drift import inbox
from tests.support import factories
from tests.support.committer import committing
from tests.support.webhooks import HANDSHAKE, PATH, body_of, deliver, event, sign

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from tests.support.browser import Browser


@pytest.fixture
def connection(session: Session, business: Business) -> Connection:
    """The connection of the shop to its organisation."""
    return factories.add_connection(session, business)


def stored(session: Session) -> list[tuple[ChangeCategory, UUID]]:
    session.rollback()
    rows = session.execute(select(XeroChange.category, XeroChange.xero_id).order_by(XeroChange.xero_id)).all()
    session.rollback()
    return [(category, xero_id) for category, xero_id in rows]


def assert_bare(answer: TestResponse, status: int) -> None:
    assert (answer.status_code, answer.data) == (status, b"")
    assert "Set-Cookie" not in answer.headers


def test_the_handshake_is_answered(client: Browser) -> None:
    assert_bare(deliver(client, HANDSHAKE), 200)
    assert_bare(deliver(client, HANDSHAKE, sign(HANDSHAKE, "another key")), 401)


@pytest.mark.parametrize(
    "signature",
    ["", "short", sign(b"another body"), sign(HANDSHAKE)[:-2], sign(HANDSHAKE).lower(), "\xff\xfe", "=" * 5000],
)
def test_a_wrong_signature_is_refused_and_stores_nothing(
    client: Browser, session: Session, connection: Connection, signature: str
) -> None:
    body = body_of([event(connection.tenant_id, uuid4())])
    assert_bare(deliver(client, body, signature), 401)
    assert_bare(client.post(PATH, data=body), 401)
    assert stored(session) == []


def test_without_a_key_nothing_is_believed(client: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = app.extensions["posxero"]
    keyless = replace(ports.settings, xero=replace(ports.settings.xero, webhook_key=""))
    monkeypatch.setitem(app.extensions, "posxero", replace(ports, settings=keyless))
    assert_bare(deliver(client, HANDSHAKE, sign(HANDSHAKE, "")), 401)


def test_ids_are_kept_once_for_the_business_of_the_organisation(
    client: Browser, session: Session, connection: Connection
) -> None:
    xero_id = uuid4()
    again = event(str(connection.tenant_id).upper(), str(xero_id).upper(), eventType="CREATE")
    about = event(connection.tenant_id, xero_id)
    for _ in range(2):
        assert_bare(deliver(client, body_of([about, again])), 200)
    assert stored(session) == [(ChangeCategory.CONTACT, xero_id)]
    (row,) = session.scalars(select(XeroChange))
    assert (row.business_id, row.tenant_id, row.version) == (connection.business_id, connection.tenant_id, 2)
    assert_bare(deliver(client, body_of([about | {"eventCategory": "INVOICE"}])), 200)
    assert (ChangeCategory.INVOICE, xero_id) in stored(session)


@pytest.mark.parametrize(
    "change",
    [
        {"eventCategory": "CREDITNOTE"},
        {"eventCategory": ["CONTACT"]},
        {"tenantId": str(UUID(int=7))},
        {"tenantId": None},
        {"resourceId": "not an id"},
        {"resourceId": 5},
    ],
)
def test_what_nobody_here_knows_is_dropped(
    client: Browser, session: Session, connection: Connection, change: dict[str, Any]
) -> None:
    known = uuid4()
    events = [event(connection.tenant_id, uuid4()) | change, event(connection.tenant_id, known, eventDateUtc="soon")]
    assert_bare(deliver(client, body_of(events)), 200)
    assert stored(session) == [(ChangeCategory.CONTACT, known)]


def test_events_of_an_organisation_that_was_disconnected_are_dropped(
    client: Browser, session: Session, connection: Connection
) -> None:
    with writing(session):
        connection.state = ConnectionState.ENDED
    assert_bare(deliver(client, body_of([event(connection.tenant_id, uuid4())])), 200)
    assert stored(session) == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"events": null}', b'{"events": [5]}', b"\xff", b"[" * 100_000]
)
def test_a_signed_body_that_cannot_be_read_is_taken_and_logged(
    client: Browser, session: Session, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_bare(deliver(client, body), 200)
    assert stored(session) == []
    assert "webhook.unreadable" in capsys.readouterr().out


def test_a_body_may_have_eight_megabytes(client: Browser) -> None:
    limit = 8 * 1024 * 1024
    padded = HANDSHAKE + b" " * (limit - len(HANDSHAKE))
    assert_bare(deliver(client, padded), 200)
    assert_bare(deliver(client, padded + b" "), 413)
    assert client.submit("/sign-in", {"email": "x" * 2_000_000}).status_code == 413  # elsewhere the limit stays


@pytest.mark.slow
def test_a_delivery_of_ten_thousand_events_is_a_few_statements(
    client: Browser,
    session: Session,
    connection: Connection,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    body = body_of(event(connection.tenant_id, UUID(int=number)) for number in range(1, 10_001))
    with count_statements() as statements:
        assert_bare(deliver(client, body), 200)
    assert len(statements) <= 4
    assert len(stored(session)) == 10_000


def test_the_answer_does_not_depend_on_redis(
    client: Browser, app: Flask, session: Session, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = JobQueue(redis_client("redis://127.0.0.1:1/0", timeout=0.25))
    monkeypatch.setitem(app.extensions, "posxero", replace(app.extensions["posxero"], jobs=away))
    assert_bare(deliver(client, body_of([event(connection.tenant_id, uuid4())])), 200)
    assert len(stored(session)) == 1


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "http://shop.example"])
def test_xero_may_call_it_by_another_host_and_from_another_site(client: Browser, base_url: str) -> None:
    assert_bare(deliver(client, HANDSHAKE, base_url=base_url), 200)
    assert client.get(PATH).status_code == 405


def test_a_database_that_is_away_makes_xero_try_again(
    client: Browser, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(inbox, "store", fail)
    assert_bare(deliver(client, body_of([event(connection.tenant_id, uuid4())])), 503)


def test_an_answer_waits_for_nobody_who_commits_all_the_time(
    client: Browser, session: Session, connection: Connection, other_business: Business, database_url: str
) -> None:
    with committing(session, database_url, other_business.id):
        for number in range(20):
            assert_bare(deliver(client, body_of([event(connection.tenant_id, UUID(int=number + 1))])), 200)
    assert len(stored(session)) == 20
