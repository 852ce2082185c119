"""A schedule is its seed's for good, can be written down and read again, and shrinks to what matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.activity import Activity, ActivityPayload
from tests.simulation.clock import VirtualClock
from tests.simulation.engine import PushEngine
from tests.simulation.replacements import time_and_chance
from tests.simulation.schedule import SALE_STEPS, WEIGHTS, draw, shrink
from tests.simulation.steps import ACTIONS, Step
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.site import Site


def test_a_seed_is_always_the_same_schedule() -> None:
    assert draw(7) == draw(7) != draw(8)


def test_a_schedule_can_be_read_as_it_was_written() -> None:
    assert [Step.parse(str(step)) for step in draw(7)] == draw(7)


def test_every_step_is_drawn_by_some_seed() -> None:
    assert {step.name for seed in range(100) for step in draw(seed)} == set(ACTIONS) == {*WEIGHTS, *SALE_STEPS}


@pytest.mark.parametrize("needed", [[3], [3, 17], [0, 19], list(range(20))])
def test_only_the_steps_that_a_failure_needs_are_left(needed: list[int]) -> None:
    steps = [Step("edit", (number,)) for number in range(20)]

    def fails(some: Sequence[Step]) -> bool:
        return {steps[number] for number in needed} <= set(some)

    assert shrink(steps, fails) == [steps[number] for number in needed]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
def test_a_schedule_runs_twice_alike(site: Site) -> None:
    assert _history(site, 21) == _history(site, 21) != _history(site, 22)


def _history(site: Site, seed: int) -> list[str]:
    """Run a schedule; return what the history and Xero's log say."""
    clock = VirtualClock()
    with time_and_chance(clock, seed):
        world = World(site, PushEngine(), clock)
        try:
            for step in draw(seed):
                step.take(world)
            columns = (Activity.at, Activity.kind, Activity.note, ActivityPayload.changes)
            rows = world.session.execute(select(*columns).outerjoin(Activity.payload)).all()
            calls = [(call["at"], call["method"], call["query"], call["elements"]) for call in world.xero.calls()]
            return [*map(str, rows), *map(str, calls)]
        finally:
            world.close()
