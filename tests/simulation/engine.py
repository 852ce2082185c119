"""The one place where the simulation names the product's push: what a hint is, and what a worker does with it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from posxero.domain.drift_kinds import DriftKind
from posxero.queue import JobQueue
from posxero.services import sweep
from posxero.services.drift import changes, passes
from posxero.services.push import engine
from posxero.services.xero_connection import grant_upkeep

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.ports import Ports
    from tests.simulation.clock import VirtualClock

PUSH, KEEP_ALIVE, READ_CHANGES, CHECK_DRIFT = "push", "keep_alive", "read_changes", "check_drift"


class Hint(NamedTuple):
    """One job that waits: its name, its first argument, and its second or what a mutant adds to it."""

    job: str
    argument: UUID
    payload: Any = None


class Hints(JobQueue):
    """A queue of hints, which may be lost at any time. A hint that waits already is not sent again."""

    def __init__(self) -> None:
        super().__init__(None)
        self.waiting: list[Hint] = []
        self.is_mute = False  # Redis is away, or whoever hints is killed just before

    def push(self, business_id: UUID, *, awaited: bool = False) -> None:
        self.send(Hint(PUSH, business_id), first=awaited)

    def push_began(self, business_id: UUID) -> None:
        pass  # a hint that was taken waits no longer

    def keep_alive(self, grant_id: UUID) -> None:
        self.send(Hint(KEEP_ALIVE, grant_id))

    def read_changes(self, business_id: UUID) -> None:
        self.send(Hint(READ_CHANGES, business_id))

    def check_drift(self, business_id: UUID, kind: str) -> None:
        self.send(Hint(CHECK_DRIFT, business_id, kind))

    def send(self, hint: Hint, *, first: bool = False) -> None:
        if not self.is_mute and hint not in self.waiting:
            self.waiting.insert(0 if first else len(self.waiting), hint)


class PushEngine:
    """The product's push, as its workers and its scheduler run it."""

    pushes_sales = True  # a design without sales does nothing in their steps

    def installed(self) -> AbstractContextManager[None]:
        """Put what a design changes of the product in its place, for a world."""
        return nullcontext()

    def open_queue(self, _session: Session) -> Hints:
        """Make the queue of a world; the session is there for a queue that reads what it hints at."""
        return Hints()

    def run(self, hint: Hint, session: Session, ports: Ports, clock: VirtualClock) -> None:
        """Do one job, as a worker does."""
        if hint.job == PUSH:
            engine.push(session, hint.argument, ports)
        elif hint.job == READ_CHANGES:
            if changes.read_changes(session, hint.argument, ports):
                ports.jobs.read_changes(hint.argument)
        elif hint.job == CHECK_DRIFT:
            if passes.run(session, hint.argument, DriftKind(hint.payload), ports):
                ports.jobs.check_drift(hint.argument, hint.payload)
        else:
            grant_upkeep.keep_alive(session, hint.argument, ports, now=clock.now())

    def sweep(self, session: Session, ports: Ports, clock: VirtualClock) -> None:
        """Look for what is due, as the scheduler does."""
        sweep.run(session, ports.jobs, ports.settings.timings, now=clock.now())
