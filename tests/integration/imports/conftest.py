from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero.settings import Settings
from tests.support import factories, importing
from tests.support.fakes import open_ports
from tests.support.practice_server import PracticeServer
from tests.support.transports import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from tests.support.importing import Importer


@pytest.fixture
def open_xero(tmp_path: Path) -> Iterator[Callable[[int], PracticeServer]]:
    """Open Practice Xero with so many contacts, in no hurry about its limits."""
    servers: list[PracticeServer] = []

    def open_one(contacts: int, **options: int) -> PracticeServer:
        limits = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50} | options
        servers.append(PracticeServer.connected(tmp_path / "practice.db", contacts=contacts, **limits))
        return servers[-1]

    yield open_one
    for server in servers:
        server.stop()


@pytest.fixture
def xero(open_xero: Callable[[int], PracticeServer]) -> PracticeServer:
    """Practice Xero with 50 contacts."""
    return open_xero(50)


@pytest.fixture
def open_importer(
    session: Session, business: Business, environment: dict[str, str], database_url: str, redis_url: str
) -> Iterator[Callable[[PracticeServer], Importer]]:
    """Connect the shop to a Practice Xero."""
    opened: list[Importer] = []

    def open_one(xero: PracticeServer, **variables: str) -> Importer:
        addresses = {"POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url}
        limits = {"POSXERO_XERO_MINUTE_LIMIT": "10000", "POSXERO_XERO_CONCURRENT_LIMIT": "50"}
        settings = Settings.from_env({**environment, **addresses, **xero.environment(), **limits, **variables})
        ports, jobs = open_ports(settings, transport=InProcess(xero.app))
        factories.add_practice_connection(session, business, xero, ports.vault)
        opened.append(importing.Importer(session, business, ports, jobs))
        return opened[-1]

    yield open_one
    for one in opened:
        one.ports.http.close()


@pytest.fixture
def importer(open_importer: Callable[[PracticeServer], Importer], xero: PracticeServer) -> Importer:
    """The shop, connected to Practice Xero."""
    return open_importer(xero)
