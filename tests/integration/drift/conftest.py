from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from posxero import logs
from posxero.settings import Settings
from tests.support import factories
from tests.support.drifting import DriftShop
from tests.support.fakes import open_ports
from tests.support.practice_server import PracticeServer
from tests.support.transports import InProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

LIMITS = {"POSXERO_XERO_MINUTE_LIMIT": "10000", "POSXERO_XERO_CONCURRENT_LIMIT": "50"}


@pytest.fixture
def xero(tmp_path: Path) -> Iterator[PracticeServer]:
    """Practice Xero without contacts, in no hurry about its limits."""
    limits = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50}
    server = PracticeServer.connected(tmp_path / "practice.db", contacts=0, **limits)
    yield server
    server.stop()


@pytest.fixture
def drift_settings(environment: dict[str, str], database_url: str, redis_url: str, xero: PracticeServer) -> Settings:
    addresses = {"POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url}
    return Settings.from_env({**environment, **addresses, **xero.environment(), **LIMITS})


@pytest.fixture
def shop(session: Session, business: Business, drift_settings: Settings, xero: PracticeServer) -> Iterator[DriftShop]:
    """The shop, connected to Practice Xero, with its checks."""
    logs.configure(production=False)  # without it structlog draws tracebacks for a second each
    ports, _jobs = open_ports(drift_settings, transport=InProcess(xero.app))
    connection = factories.add_practice_connection(session, business, xero, ports.vault)
    shop = DriftShop(session, business, connection, ports, xero)
    shop.ports = replace(ports, jobs=shop.jobs)
    shop.sweep()
    yield shop
    ports.http.close()
