"""A pool of web processes: forked from one parent, replaced when they exit, and stopped together."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog

from posxero.parent_death import die_with_parent

GRACEFUL_TIMEOUT = 10.0  # seconds for the requests in progress, after SIGTERM
KILL_MARGIN = 2.0  # seconds more, before a process that does not stop is killed
POLL_INTERVAL = 0.1  # seconds
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


class PreforkPool:
    """Runs `serve` in `count` forked processes until SIGTERM or SIGINT. Use it from the main thread."""

    def __init__(self, serve: Callable[[], None], count: int, *, close: Callable[[], None]) -> None:
        """Keep `serve`, which returns soon after SIGTERM, and `close`, which closes the listening socket."""
        self._serve = serve
        self._count = count
        self._close = close
        self._pids: set[int] = set()
        self._stopping = False

    def run(self) -> None:
        """Keep the processes running; after a stop signal let them finish their requests, and return."""
        previous_handlers = {number: signal.signal(number, self._request_stop) for number in STOP_SIGNALS}
        die_with_this = die_with_parent()
        while not self._stopping:
            while len(self._pids) < self._count:
                self._fork(previous_handlers, die_with_this)
            time.sleep(POLL_INTERVAL)
            for pid in self._reap():
                log.error("web.process_died", pid=pid)
        self._close()
        self._stop()

    def _request_stop(self, *_: object) -> None:
        self._stopping = True

    def _fork(self, handlers: dict[signal.Signals, Any], die_with_this: Callable[[], None] | None) -> None:
        pid = os.fork()
        if pid:
            self._pids.add(pid)
            return
        exit_code = 1
        try:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            if die_with_this:
                die_with_this()
            self._serve()
            exit_code = 0
        except Exception as error:
            log.exception("web.process_failed", exc_info=error)
        finally:
            sys.stdout.flush()
            os._exit(exit_code)  # nothing of the parent's is closed or unwound

    def _reap(self) -> set[int]:
        """Return the processes that exited since the last time."""
        exited = {pid for pid in self._pids if os.waitpid(pid, os.WNOHANG)[0]}
        self._pids -= exited
        return exited

    def _stop(self) -> None:
        self._send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACEFUL_TIMEOUT + KILL_MARGIN
        while self._pids and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL)
            self._reap()
        self._send_signal(signal.SIGKILL)

    def _send_signal(self, number: signal.Signals) -> None:
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
