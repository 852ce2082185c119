"""Real processes of posxero, which tests kill. Each dies with the test, and its log is read when one fails."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.process_template import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

TIMEOUT = 30.0  # seconds until something that never comes fails the test
MIN_PAUSE, MAX_PAUSE = 0.02, 0.1  # seconds between two looks


def until(true: Callable[[], object], what: str, *, seconds: float = TIMEOUT) -> None:
    """Wait for something that another process does. Looking takes a quarter of the time, the rest is for its work."""
    began = looked = time.monotonic()
    while not true():
        now = time.monotonic()
        if now - began > seconds:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(min(max(MIN_PAUSE, 3 * (now - looked)), MAX_PAUSE))
        looked = time.monotonic()


class Process:
    """One `posxero …` of its own session, started by the template of these tests; or `python -m <module> …`."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path, *, module: str = "posxero"
    ) -> None:
        self._log = log
        self._exit_code: int | None = None
        self.pid = template().start([module, *arguments], {"PATH": os.defpath, **environment}, log)

    def log(self) -> str:
        return self._log.read_text()

    def said(self, words: str) -> bool:
        assert self._poll() in {None, 0}, self.log()
        return words in self.log()

    def ended(self) -> bool:
        return self._poll() is not None

    def send(self, number: signal.Signals) -> None:
        if not self.ended():
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it as the kernel would, without a word."""
        self.send(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        until(self.ended, "the process ends")
        assert self._exit_code is not None
        return self._exit_code

    def _poll(self) -> int | None:
        if self._exit_code is None:
            self._exit_code = template().exit_code(self.pid)
        return self._exit_code


@contextmanager
def running(log: Path, environment: Mapping[str, str], *arguments: str, says: str) -> Iterator[Process]:
    """Run a process, ready to work when the block begins."""
    process = Process(arguments, environment, log)
    try:
        until(lambda: process.said(says), f"posxero {' '.join(arguments)} says {says}")
        yield process
    finally:
        process.send(signal.SIGCONT)
        process.kill()
