from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from posxero.db.engine import prepare, refuse_deferred_writes
from posxero.redis_client import page_client
from posxero.settings import Settings
from tests.support import factories
from tests.support.fakes import RecordingQueue, open_ports
from tests.support.practice_server import PracticeServer
from tests.support.pushing import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.databases import Database

SHORT = {
    "POSXERO_XERO_MINUTE_LIMIT": "10000",
    "POSXERO_XERO_CONCURRENT_LIMIT": "50",
    "POSXERO_CONNECT_SECONDS": "0.5",
    "POSXERO_READ_SECONDS": "1",
    "POSXERO_LEASE_SECONDS": "3",
    "POSXERO_SWEEP_SECONDS": "0.3",
    "POSXERO_HEARTBEAT_SECONDS": "0.2",
    "POSXERO_TOKEN_LEASE_SECONDS": "2",
}


@pytest.fixture(scope="session")
def engine(database: Database) -> Iterator[Engine]:
    """An engine that refuses a test's own deferred writes too: other processes write beside it."""
    engine = create_engine(database.url)
    prepare(engine)
    refuse_deferred_writes(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def xero(tmp_path: Path) -> Iterator[PracticeServer]:
    """Practice Xero without contacts, in no hurry about its limits."""
    server = PracticeServer(
        tmp_path / "practice.db", contacts=0, minute_limit=10_000, day_limit=100_000, concurrent_limit=50
    )
    yield server
    server.stop()


@pytest.fixture
def process_environment(
    environment: dict[str, str], database_url: str, redis_url: str, xero: PracticeServer
) -> dict[str, str]:
    """The environment of processes with short leases, and a sweep that is quick."""
    addresses = {"POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url}
    return {**environment, **addresses, **xero.environment(), **SHORT}


@pytest.fixture
def shop(
    session: Session, business: Business, process_environment: dict[str, str], xero: PracticeServer
) -> Iterator[Shop]:
    """The shop, connected to Practice Xero; its hints reach real workers."""
    settings = Settings.from_env(process_environment)
    ports, _hints = open_ports(settings)
    connection = factories.add_practice_connection(session, business, xero, ports.vault)
    assert settings.redis_url is not None
    jobs = RecordingQueue(page_client(settings))
    yield Shop(session, business, connection, replace(ports, jobs=jobs), xero, jobs=jobs)
    ports.http.close()
