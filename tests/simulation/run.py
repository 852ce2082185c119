"""Run a schedule in a new world, and say what failed with as few steps as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from posxero.db.connection import Connection, Grant
from posxero.db.contact import Link
from posxero.db.sale import Sale
from posxero.domain.enums import ConnectionState, LinkState
from posxero.services.owed import OWED
from tests.simulation.clock import VirtualClock
from tests.simulation.engine import PushEngine
from tests.simulation.invariants import Observer, Violation
from tests.simulation.replacements import time_and_chance
from tests.simulation.schedule import draw, shrink
from tests.simulation.world import SPARE, WORKERS, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.site import Site
    from tests.simulation.steps import Step

QUIET: Final = 700.0  # seconds: the last check after an unknown outcome comes after 10 minutes
SWEEP: Final = 10.0  # seconds
STANDING: Final = 3  # sweeps after the last step until workers that stand somewhere go on
SALE_WAITS: Final = select(*(func.min(column) for column in (Sale.next_try_at, Sale.verify_again_at, Sale.lease_until)))
SALE_DUE: Final = (
    select(Sale.id)
    .join(Link, Link.contact_id == Sale.contact_id)
    .where(Link.state == LinkState.ACTIVE, Sale.state == LinkState.ACTIVE)
    .where(
        Sale.lease_until.is_not(None) | Sale.verify_again_at.is_not(None) | (Sale.sent_revision < Sale.owed_revision)
    )
    .limit(1)
)
MOST_SWEEPS: Final = 80  # with something due, until everything must be settled


def failure(site: Site, seed: int, steps: Sequence[Step] | None = None, engine: PushEngine | None = None) -> str:
    """Return what a schedule (the seed's own) violates; "" when everything holds."""
    clock, design = VirtualClock(), engine or PushEngine()
    with time_and_chance(clock, seed), design.installed():
        world = World(site, design, clock)
        try:
            _play(world, draw(seed) if steps is None else steps)
        except Violation as violation:
            return str(violation)
        except Exception as error:  # noqa: BLE001 - whatever a process raises is a finding, and must be shrunk too
            return f"{type(error).__name__}: {error}"
        finally:
            world.close()
    return ""


def report(site: Site, seed: int, engine: PushEngine | None = None) -> str:
    """Return what a seed violates, with its shrunk schedule; "" when everything holds."""
    if not failure(site, seed, engine=engine):
        return ""
    steps = shrink(draw(seed), lambda some: bool(failure(site, seed, some, engine)))
    return "\n  ".join([f"seed {seed}: {failure(site, seed, steps, engine)}", *map(str, steps)])


def _play(world: World, steps: Sequence[Step]) -> None:
    observer = Observer(world)
    observer.check()
    for step in steps:
        step.take(world)
        observer.check()
    _calm(world)
    _settle(world, observer)
    if world.book.sales:  # so that it is known what was paid last
        world.book.poll()
        _settle(world, observer)
    observer.check_quiet()


def _calm(world: World) -> None:
    """End every fault. What is under way stays so for a while."""
    world.xero.fault("clear")
    world.xero.wire_faults.clear()
    world.set_redis_away(is_away=False)
    world.jump(0)


def _settle(world: World, observer: Observer) -> None:
    """Let time pass, with its sweeps, until nothing is due any more. Workers that were left standing go on late."""
    end = world.clock.elapsed + QUIET
    for sweeps in range(MOST_SWEEPS):
        wait = _next_due(world)
        if wait is None and world.clock.elapsed >= end:
            return
        world.xero.pass_time(max(end - world.clock.elapsed if wait is None else wait, SWEEP))
        world.sweep()
        for _ in range(len(world.hints.waiting)):
            world.finish(SPARE)
        for number in range(WORKERS if sweeps == STANDING else 0):
            world.finish(number)
        observer.check()
    raise Violation("something is still due long after the last fault")


def _next_due(world: World) -> float | None:
    """Return the seconds until something is due, None when nothing will be. A lost consent is given again."""
    session = world.session
    if session.scalar(select(Connection.state)) is not ConnectionState.CONNECTED:
        world.shop.connect()
    held = Link.lease_until.is_not(None), Link.verify_again_at.is_not(None), OWED & (Link.state == LinkState.ACTIVE)
    columns = (
        *(func.min(column) for column in (Link.next_try_at, Link.verify_again_at, Link.lease_until)),
        *(select(column).scalar_subquery() for column in (Connection.paused_until, Connection.backlog_until)),
        select(func.min(Grant.lease_until)).scalar_subquery(),
    )
    waits, now = list(session.execute(select(*columns)).one()), world.clock.now()
    is_due = session.scalar(select(Link.id).where(held[0] | held[1] | held[2]).limit(1)) is not None
    if world.book.sales:
        waits = [*waits, *session.execute(SALE_WAITS).one()]
        is_due = is_due or session.scalar(SALE_DUE) is not None
    session.commit()
    ahead = [(until - now).total_seconds() for until in waits if until is not None and until > now]
    return min(ahead, default=0.0) if is_due else None
