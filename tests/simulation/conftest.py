from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from posxero import logs
from tests.simulation.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.databases import Database
    from tests.support.valkey import Server


@pytest.fixture(scope="session")
def site(database: Database, valkey: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A place for worlds, one after another."""
    logs.configure(production=False)
    opened = Site.open(database, valkey.url, tmp_path_factory.mktemp("site"))
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave the database as a test of another folder, which a process may take next, expects it."""
    yield
    if "site" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        database.empty()
