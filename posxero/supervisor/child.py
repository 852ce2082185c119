"""One supervised process: what it runs, what it said last, and when it may run again."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from posxero.supervisor.spawn import spawn

FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0  # seconds before a child that ended is started again
EXITS, WINDOW = 5, 60.0  # so many ends within so many seconds are too many
RECYCLED = 1.0  # seconds; a child that ends itself in peace after at least these made room for a fresh one
LINE = 65536  # bytes that are read at once


@dataclass(eq=False)
class Child:
    """A process that is started again when it ends."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    rank: int = 1  # the lowest is stopped first
    grace: float = 10  # seconds between SIGTERM and SIGKILL
    ready: Callable[[], bool] | None = None
    patience: float = 60  # seconds until it must be ready
    quiet: bool = False  # what it says is only shown when it keeps ending
    process: subprocess.Popen[bytes] | None = None
    start_at: float | None = None  # monotonic; when it is started again
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    pause: float = FIRST_PAUSE  # seconds before the next start
    _started: float = 0
    _exits: deque[float] = field(default_factory=lambda: deque(maxlen=EXITS))
    _rest: bytes = b""

    @property
    def running(self) -> bool:
        """Return whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def keeps_ending(self) -> bool:
        """Return whether it ended too often to be worth another start."""
        return len(self._exits) == EXITS and self._exits[-1] - self._exits[0] < WINDOW

    @property
    def output(self) -> IO[bytes]:
        """The pipe with what it says.

        Raises:
            RuntimeError: It was not started.
        """
        if self.process is None or self.process.stdout is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process.stdout

    def start(self) -> None:
        """Start the process; its pipe does not block."""
        self.start_at = None
        self._started = time.monotonic()
        self.process = spawn(self.command, env=self.env)
        os.set_blocking(self.output.fileno(), False)

    def read(self) -> list[str]:
        """Take the whole lines to show of what it said since the last time."""
        said = b""
        with suppress(BlockingIOError):
            while piece := os.read(self.output.fileno(), LINE):
                said += piece
        *whole, self._rest = (self._rest + said).split(b"\n")
        return self._note(whole)

    def note_end(self, *, wanted: bool) -> list[str]:
        """Take its last words after it ended and, unless that was wanted, decide when it starts again."""
        last = self.read() + self._note([self._rest] if self._rest else [])
        self._rest = b""
        self.output.close()
        now, code = time.monotonic(), self.process.wait() if self.process else 0
        self.process = None
        lasted = now - self._started
        if wanted:
            return last
        if code == 0 and lasted > RECYCLED:
            self.start_at = now
            return last
        if lasted > WINDOW:
            self.pause = FIRST_PAUSE
        self._exits.append(now)
        self.start_at = now + self.pause
        self.pause = min(self.pause * 2, LAST_PAUSE)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return [*last, f"{how}; starts again in {self.start_at - now:.0f} s"]

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process itself: its own children are its business."""
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill the process and all that it started."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _note(self, lines: Sequence[bytes]) -> list[str]:
        texts = [line.decode(errors="replace").rstrip() for line in lines]
        self.lines.extend(texts)
        return [] if self.quiet else texts
