from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posxero import logs
from posxero.settings import Settings
from tests.support import factories
from tests.support.fakes import open_ports
from tests.support.invoices import SellingShop
from tests.support.practice_server import PracticeServer
from tests.support.pushing import Shop
from tests.support.transports import InProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

UNHURRIED = {
    "POSXERO_XERO_MINUTE_LIMIT": "10000",
    "POSXERO_XERO_CONCURRENT_LIMIT": "50",
}


@pytest.fixture
def xero(tmp_path: Path) -> Iterator[PracticeServer]:
    """Practice Xero without contacts, in no hurry about its limits."""
    limits = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50}
    server = PracticeServer.connected(tmp_path / "practice.db", contacts=0, **limits)
    yield server
    server.stop()


@pytest.fixture
def read_seconds() -> str:
    """How long an answer of Xero is waited for; a test of one that comes too late waits less, by parameter."""
    return "10"


@pytest.fixture
def push_settings(
    environment: dict[str, str], database_url: str, redis_url: str, xero: PracticeServer, read_seconds: str
) -> Settings:
    addresses = {"POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url}
    timings = {"POSXERO_READ_SECONDS": read_seconds}
    return Settings.from_env({**environment, **addresses, **xero.environment(), **UNHURRIED, **timings})


@pytest.fixture
def shop(session: Session, business: Business, push_settings: Settings, xero: PracticeServer) -> Iterator[Shop]:
    """The shop, connected to Practice Xero."""
    logs.configure(production=False)  # without it structlog draws tracebacks for a second each
    ports, _hints = open_ports(push_settings, transport=InProcess(xero.app))
    connection = factories.add_practice_connection(session, business, xero, ports.vault)
    shop = Shop(session, business, connection, ports, xero)
    shop.ports = replace(ports, jobs=shop.jobs)
    yield shop
    ports.http.close()


@pytest.fixture
def till(shop: Shop) -> SellingShop:
    """The shop, as it sells on account."""
    return SellingShop(shop)
