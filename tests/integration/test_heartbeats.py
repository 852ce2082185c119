"""Processes that are at work say so; what is late, or has no room, is seen by the owner and by whoever watches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select, update
from structlog.testing import capture_logs

from posxero.blueprints import health
from posxero.db import disk
from posxero.db.heartbeat import Heartbeat
from posxero.db.session import db
from posxero.jobs.heartbeat import HeartbeatWriter
from posxero.jobs.scheduler import sweep_once
from posxero.services.sync_status import heartbeats
from posxero.services.sync_status.degradation_log import DegradationLog
from posxero.web.times import since
from tests.support import factories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from flask import Flask
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

WELL = {"database": "ready", "redis": "ready"}


@pytest.fixture(autouse=True)
def at_work(session: Session) -> None:
    """Every process was seen now."""
    for process in heartbeats.PROCESSES:
        heartbeats.record(session, process, now=datetime.now(UTC))


def die(session: Session, process: str, ago: timedelta = timedelta(minutes=10)) -> datetime:
    at = datetime.now(UTC) - ago
    session.execute(update(Heartbeat).where(Heartbeat.process == process).values(at=at))
    session.commit()
    return at


def seen(session: Session, process: str) -> datetime | None:
    session.rollback()
    return session.scalar(select(Heartbeat.at).where(Heartbeat.process == process))


@pytest.mark.parametrize("process", heartbeats.PROCESSES)
def test_readyz_names_a_process_that_is_late(client: Browser, session: Session, process: str) -> None:
    assert client.get("/readyz").json == WELL
    at = die(session, process)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == WELL | {process: f"degraded: not seen since {at:%Y-%m-%dT%H:%M:%SZ}"}


def test_it_is_logged_once_and_once_that_it_is_well_again(
    client: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "watch", DegradationLog())
    die(session, "push")
    with capture_logs() as logs:
        client.get("/readyz")
        client.get("/readyz")
        heartbeats.record(session, "push", now=datetime.now(UTC))
        client.get("/readyz")
    said = [(line["event"], line["parts"]) for line in logs if line["event"].startswith("health")]
    assert said == [("health.degraded", ["push"]), ("health.recovered", ["push"])]


def test_the_scheduler_logs_a_worker_that_is_late(app: Flask, session: Session) -> None:
    die(session, "import")
    with capture_logs() as logs:
        sweep_once(app, DegradationLog(), timedelta(seconds=10))
    assert [line["parts"] for line in logs if line["event"] == "health.degraded"] == [["import"]]


def test_a_heartbeat_from_a_clock_that_was_ahead_is_no_sign_of_life(client: Browser, session: Session) -> None:
    die(session, "push", ago=-timedelta(hours=1))
    assert "push" in (client.get("/readyz").json or {})


@pytest.mark.parametrize("path", ["/customers", "/sync"])
def test_the_owner_is_told_what_is_delayed(
    sign_in: SignIn, owner: User, staff: User, business: Business, session: Session, path: str
) -> None:
    factories.add_connection(session, business)
    olive, sam = sign_in(owner), sign_in(staff)
    assert "delayed" not in olive.get(path).text
    at = since(die(session, "push"), datetime.now(UTC), business.timezone)
    assert f"Sending is delayed: the push worker hasn&#39;t been running since {at}." in olive.get(path).text
    assert "delayed" not in sam.get(path).text


def test_the_notice_costs_no_statement(
    sign_in: SignIn,
    owner: User,
    business: Business,
    session: Session,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    factories.add_connection(session, business)
    die(session, "push")
    browser = sign_in(owner)
    with count_statements() as statements:
        assert "delayed" in browser.get("/customers").text
    assert len(statements) <= 4, statements


def test_times_are_said_as_people_say_them() -> None:
    now = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 2 pm in Auckland
    said = [since(now - timedelta(hours=hours), now, "Pacific/Auckland") for hours in (0, 3.3, 14, 100)]
    assert said == ["2:00 pm", "10:42 am", "12:00 am", "10:00 am on 22 Nov 2026"]
    assert since(now - timedelta(hours=15), now, "Pacific/Auckland") == "11:00 pm yesterday"


def test_a_scheduler_that_sweeps_often_stores_few_heartbeats(app: Flask, session: Session) -> None:
    writer = HeartbeatWriter(app, heartbeats.SCHEDULER)
    writer.beat()
    first = seen(session, heartbeats.SCHEDULER)
    writer.beat()
    assert seen(session, heartbeats.SCHEDULER) == first


def test_a_heartbeat_is_stored_also_the_first_one(app: Flask, session: Session) -> None:
    session.execute(Heartbeat.__table__.delete())  # type: ignore[attr-defined]  # a Table, which SQLAlchemy types wider
    session.commit()
    HeartbeatWriter(app, "push").beat()
    first = seen(session, "push")
    HeartbeatWriter(app, "push").beat()
    second = seen(session, "push")
    assert first is not None
    assert second is not None
    assert first < second


@pytest.fixture
def failing(app: Flask) -> Iterator[None]:
    """A database that cannot be written."""
    with app.app_context():
        engine = db.engine

    dbapi: Any = engine.dialect.loaded_dbapi

    def fail(_cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE heartbeat"):
            raise dbapi.OperationalError("database or disk is full")

    event.listen(engine, "do_execute", fail)
    yield
    event.remove(engine, "do_execute", fail)


@pytest.mark.usefixtures("failing")
def test_a_heartbeat_that_cannot_be_stored_ends_nothing(app: Flask) -> None:
    with capture_logs() as logs:
        HeartbeatWriter(app, "push").beat()
    assert [line["event"] for line in logs] == ["heartbeat.not_stored"]


def test_readyz_says_that_the_disk_is_full(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LEAST", 2**62)
    monkeypatch.setattr(disk, "PART", 1)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == WELL | {"disk": "degraded: full"}
