"""Real processes of posxero, which tests kill. Each dies with the test, and its log is read when one fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from posxero.parent_death import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

TIMEOUT = 30.0  # seconds until something that never comes fails the test


def until(true: Callable[[], object], what: str, *, seconds: float = TIMEOUT) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


class Process:
    """One `posxero …` of its own session."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("ab") as sink:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "posxero", *arguments],
                env={"PATH": os.defpath, **environment},
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - tests start no threads that hold locks across it
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def log(self) -> str:
        return self._log.read_text()

    def said(self, words: str) -> bool:
        assert self._child.poll() in {None, 0}, self.log()
        return words in self.log()

    def ended(self) -> bool:
        return self._child.poll() is not None

    def send(self, number: signal.Signals) -> None:
        self._child.send_signal(number)

    def kill(self) -> None:
        """Kill it as the kernel would, without a word."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()

    def wait(self) -> int:
        return self._child.wait(TIMEOUT)


@contextmanager
def running(log: Path, environment: Mapping[str, str], *arguments: str, says: str) -> Iterator[Process]:
    """Run a process, ready to work when the block begins."""
    process = Process(list(arguments), environment, log)
    try:
        until(lambda: process.said(says), f"posxero {' '.join(arguments)} says {says}")
        yield process
    finally:
        process.send(signal.SIGCONT)
        process.kill()
