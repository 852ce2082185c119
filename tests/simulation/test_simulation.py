"""Any order of saves, crashes, faults and waits: Xero ends with the last saved revision, once, and no badge lies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.simulation.run import report

if TYPE_CHECKING:
    from tests.simulation.site import Site


SEEDS = int(os.environ.get("POSXERO_SIMULATION_SEEDS", "200"))  # on SQLite; a tenth of them on PostgreSQL
RUNS = [("sqlite", seed) for seed in range(SEEDS)] + [("postgresql", seed) for seed in range(SEEDS // 10)]


@pytest.mark.parametrize(("database", "seed"), RUNS, indirect=["database"])
def test_every_promise_holds_in_any_order(site: Site, seed: int) -> None:
    assert not (found := report(site, seed)), found
