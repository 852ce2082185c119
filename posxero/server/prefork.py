"""The processes that serve: forked from one parent, replaced when they die, and stopped together."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from posxero.parent_death import die_with_parent

GRACE = 10.0  # seconds for the requests at hand, after SIGTERM
MARGIN = 2.0  # seconds more, before a process that does not stop is killed
TICK = 0.1  # seconds between two looks at the processes
SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


class Processes:
    """Runs `work` in `count` forked processes until SIGTERM or SIGINT. Call it from the main thread."""

    def __init__(self, work: Callable[[], None], count: int, *, close: Callable[[], None]) -> None:
        """Keep `work`, which returns soon after SIGTERM, and `close`, which refuses new connections."""
        self._work = work
        self._count = count
        self._close = close
        self._running: set[int] = set()
        self._stopping = False

    def run(self) -> None:
        """Keep the processes running; on a signal, give them time to finish and return."""
        before = {number: signal.signal(number, self._ask_to_stop) for number in SIGNALS}
        end_with_parent = die_with_parent()  # made here: it names this process as the parent
        while not self._stopping:
            while len(self._running) < self._count:
                self._fork(before, end_with_parent)
            time.sleep(TICK)
            for pid in self._reap():
                log.error("web.process_died", pid=pid)
        self._close()
        self._stop()

    def _ask_to_stop(self, *_: object) -> None:
        self._stopping = True

    def _fork(self, handlers: dict[signal.Signals, Any], end_with_parent: Callable[[], None] | None) -> None:
        pid = os.fork()
        if pid:
            self._running.add(pid)
            return
        code = 1
        try:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            if end_with_parent:
                end_with_parent()
            self._work()
            code = 0
        except Exception as error:
            log.exception("web.process_failed", exc_info=error)
        finally:
            sys.stdout.flush()
            os._exit(code)  # nothing of the parent's is closed or unwound

    def _reap(self) -> set[int]:
        """Return the processes that ended since the last time."""
        ended = {pid for pid in self._running if os.waitpid(pid, os.WNOHANG)[0]}
        self._running -= ended
        return ended

    def _stop(self) -> None:
        self._signal(signal.SIGTERM)
        end = time.monotonic() + GRACE + MARGIN
        while self._running and time.monotonic() < end:
            time.sleep(TICK)
            self._reap()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
