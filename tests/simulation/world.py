"""A world: one shop, its Xero, its database and Redis, and workers that go from boundary to boundary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from redis import Redis

from posxero.xero.limits import Limits
from posxero.xero.transport import open_http
from tests.simulation.process import Process, ProcessSession
from tests.simulation.redis import Outage, VirtualRedis
from tests.simulation.sales import SalesBook
from tests.simulation.shop import Shop
from tests.simulation.xero import Wire

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.ports import Ports
    from tests.simulation.clock import VirtualClock
    from tests.simulation.engine import Hint, PushEngine
    from tests.simulation.site import Site

WORKERS = 3  # that a schedule moves
SPARE = WORKERS  # the worker that does what is left at the end, whatever the others stand at


class World:
    """What the steps of a schedule act upon. Make it inside `replacements.time_and_chance`, and close it."""

    def __init__(self, site: Site, engine: PushEngine, clock: VirtualClock) -> None:
        self.site, self.engine, self.clock, self.xero = site, engine, clock, site.xero
        self.outage = Outage()
        self.forgot_calls_at = clock.elapsed  # when Redis last lost its count, or its clock jumped
        site.database.empty()
        with Redis(connection_pool=site.redis) as redis:
            redis.flushall()
        self.xero.reset(clock)
        self._main = Process(lambda _: None)  # pages and the scheduler: they do not stop in between
        self.session = ProcessSession(site.engine, self._main, clock)
        self.hints = engine.open_queue(self.session)
        self.ports = self._ports(self._main)
        self.shop = Shop(self.session, self.ports, self.xero, clock)
        self.book = SalesBook(self.shop)
        self.xero.clear_calls()
        self.workers: list[Process | None] = [None] * (WORKERS + 1)
        self.open_forms: dict[UUID, int] = {}  # at the other till: the version that each shows

    def close(self) -> None:
        """End whatever still runs."""
        for number in range(len(self.workers)):
            self.kill(number)
        self.session.close()

    def run(self, number: int) -> None:
        """Let a worker run to its next boundary; an idle one takes the first hint that waits."""
        worker = self.workers[number]
        if worker is None and self.hints.waiting:
            hint = self.hints.waiting.pop(0)
            worker = self.workers[number] = Process(lambda process: self._work(process, hint))
        if worker is not None:
            worker.resume()
            if worker.has_ended:
                self.workers[number] = None

    def finish(self, number: int) -> None:
        """Let a worker run to the end of its job, or do a whole one."""
        self.run(number)
        while self.workers[number] is not None:
            self.run(number)

    def kill(self, number: int, *, is_delivered: bool = False) -> None:
        """Kill a worker where it stands; what it had sent may still reach Xero."""
        worker = self.workers[number]
        if worker is None:
            return
        if is_delivered and worker.request is not None:
            self.xero.carry_out(worker.request)
        worker.kill()
        self.workers[number] = None

    def flush(self) -> None:
        """Let Redis lose everything: hints, the count of calls, blocks."""
        self.hints.waiting.clear()
        with Redis(connection_pool=self.site.redis) as redis:
            redis.flushall()
        self.forgot_calls_at = self.clock.elapsed

    def set_redis_away(self, *, is_away: bool) -> None:
        """Take Redis away, or bring it back."""
        self.outage.is_on = self.hints.is_mute = is_away

    def jump(self, skew: float) -> None:
        """Set the clocks of our hosts: how many seconds they are ahead of the true time."""
        if skew == self.clock.skew:
            return
        self.xero.land_all()  # the checks after an unknown outcome may come at once: nothing may land after them
        self.clock.skew = skew
        self.forgot_calls_at = self.clock.elapsed

    def sweep(self) -> None:
        """Let the scheduler look for what is due."""
        self.engine.sweep(self.session, self.ports, self.clock)

    def unsettled(self) -> frozenset[str]:
        """Return the ids of contacts that a running worker may have written, and not settled yet."""
        return frozenset().union(*(worker.wrote for worker in self.workers if worker is not None))

    def _work(self, process: Process, hint: Hint) -> None:
        ports = self._ports(process)
        with ProcessSession(self.site.engine, process, self.clock) as session:
            self.engine.run(hint, session, ports, self.clock)

    def _ports(self, process: Process) -> Ports:
        settings = self.site.ports.settings
        limits = Limits(VirtualRedis(self.site.redis, process, self.clock, self.outage), settings)
        http = open_http(settings, transport=Wire(self.xero, process))
        return replace(self.site.ports, limits=limits, http=http, jobs=self.hints)
