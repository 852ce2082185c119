"""Any order of saves, crashes, faults and waits: Xero ends with the last saved revision, once, and no badge lies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.simulation.run import report

if TYPE_CHECKING:
    from tests.simulation.site import Site


SEEDS = int(os.environ.get("POSXERO_SIMULATION_SEEDS", "200"))  # on SQLite; a tenth of them on PostgreSQL


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
def test_every_promise_holds_in_any_order(site: Site, seed: int) -> None:
    assert not (found := report(site, seed)), found


@pytest.mark.parametrize("seed", range(SEEDS // 10))
@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")
def test_every_promise_holds_on_the_other_database(site: Site, seed: int) -> None:
    assert not (found := report(site, seed)), found
