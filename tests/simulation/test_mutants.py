"""The simulation finds what is wrong with designs that are known to lose data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.mutants import PayloadInJob, RevisionsWithoutVerify
from tests.simulation.run import failure, report
from tests.simulation.sale_mutants import PaymentCountedTwice, PresentIsRight, RetryWithFreshKey
from tests.simulation.schedule import draw
from tests.simulation.steps import Step

if TYPE_CHECKING:
    from tests.simulation.engine import PushEngine
    from tests.simulation.site import Site

pytestmark = pytest.mark.slow

SEEDS = 200
UNTIL_SENT = "; run 0" * 5  # the customer is with Xero, and the sale is claimed
SALE_MUTANTS = [
    (RetryWithFreshKey, f"charge 0 0{UNTIL_SENT}; fault 6; finish 0"),
    (PresentIsRight, f"charge 0 0{UNTIL_SENT}; fault 6; finish 0; void 0"),
    (PaymentCountedTwice, "charge 0 0; finish 0; pay 0 2; check_invoices; finish 0"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize("mutant", [PayloadInJob, RevisionsWithoutVerify])
def test_a_mutant_is_caught(site: Site, mutant: type[PushEngine]) -> None:
    caught = next((seed for seed in range(SEEDS) if failure(site, seed, engine=mutant())), None)
    assert caught is not None, f"{mutant.__name__} survived {SEEDS} seeds"
    assert not failure(site, caught)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
@pytest.mark.parametrize(("mutant", "schedule"), SALE_MUTANTS)
def test_a_mutant_of_the_sales_is_caught(site: Site, mutant: type[PushEngine], schedule: str) -> None:
    steps = [Step.parse(step) for step in schedule.split("; ")]
    assert failure(site, 0, steps, mutant()), f"{mutant.__name__} survived"
    assert not failure(site, 0, steps)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
def test_a_failure_is_told_with_the_steps_that_it_takes(site: Site) -> None:
    caught = next(seed for seed in range(SEEDS) if failure(site, seed, engine=PayloadInJob()))
    first, *steps = report(site, caught, PayloadInJob()).splitlines()
    assert first.startswith(f"seed {caught}: ")
    assert 0 < len(steps) < len(draw(caught))
    assert failure(site, caught, [Step.parse(step) for step in steps], PayloadInJob())
