"""Processes that stop at every boundary where another process, or a crash, may come in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # its stubs are not worth a dependency
from sqlalchemy.orm import Session

from posxero.db.base import CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from tests.simulation.clock import VirtualClock
    from tests.simulation.xero import Request


class Killed(BaseException):
    """The process was killed: it takes no further effect."""


class Process:
    """One process, which runs one job from boundary to boundary.

    Only one process of a world runs at a time. `resume` runs it to its next boundary; `kill` ends
    it where it stands. `place` names that boundary; "" before it began and after it ended.
    """

    def __init__(self, work: Callable[[Process], None]) -> None:
        self._greenlet = greenlet(lambda: self._run(work))
        self.place = ""
        self.is_killed = False
        self.request: Request | None = None  # that is under way
        self.wrote: frozenset[str] = frozenset()  # contacts that its requests may have changed

    @property
    def has_ended(self) -> bool:
        return bool(self._greenlet.dead)

    def resume(self) -> None:
        """Run to the next boundary, or to the end; raises what the job raises."""
        self._greenlet.switch()

    def pause(self, place: str) -> None:
        """Stand at a boundary until the world resumes this process. Called by what the job uses.

        Raises:
            Killed: It was killed here.
        """
        self.check()
        self.place = place
        if getcurrent() is self._greenlet:
            self._greenlet.parent.switch()
        self.place = ""
        self.check()

    def check(self) -> None:
        """Let a process that was killed do nothing more.

        Raises:
            Killed: It was killed.
        """
        if self.is_killed:
            raise Killed

    def kill(self) -> None:
        """End the process where it stands."""
        self.is_killed = True
        while self._greenlet and not self._greenlet.dead:
            self._greenlet.switch()

    def _run(self, work: Callable[[Process], None]) -> None:
        try:
            work(self)
        except Killed:
            return
        finally:
            self.place = ""


class ProcessSession(Session):
    """A session of one process, on the world's clock. After each commit of a write its process stands at a boundary.

    What a killed process had not committed is gone.
    """

    def __init__(self, engine: Engine, process: Process, clock: VirtualClock) -> None:
        super().__init__(engine, expire_on_commit=False, info={CLOCK: clock.now})
        self._process = process
        self._writes = False

    def connection(self, *arguments: Any, **options: Any) -> Connection:
        self._writes = self._writes or bool((options.get("execution_options") or {}).get("writes"))
        return super().connection(*arguments, **options)

    def rollback(self) -> None:
        self._writes = False
        super().rollback()

    def commit(self) -> None:
        self._process.check()
        super().commit()
        wrote, self._writes = self._writes, False
        if wrote:
            self._process.pause("committed")
