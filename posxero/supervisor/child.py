"""One supervised process: its command, the last lines of its output, and when it is restarted."""

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

MIN_RESTART_DELAY, MAX_RESTART_DELAY = 1.0, 30.0  # seconds
CRASH_LOOP_EXITS, CRASH_LOOP_WINDOW = 5, 60.0  # so many exits within so many seconds are a crash loop
MIN_UPTIME = 1.0  # seconds; a child that exits with code 0 after at least these asked to be replaced
READ_SIZE = 65536  # bytes read from the pipe at once
LAST_LINES = 20  # lines of output kept for the report of a failure


@dataclass(eq=False)
class Child:
    """A process that is restarted when it exits."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    stop_order: int = 1  # the lowest is stopped first
    stop_timeout: float = 10  # seconds between SIGTERM and SIGKILL
    is_ready: Callable[[], bool] | None = None
    ready_timeout: float = 60  # seconds
    quiet: bool = False  # its output is shown only when it ends up in a crash loop
    process: subprocess.Popen[bytes] | None = None
    restart_at: float | None = None  # monotonic seconds
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    restart_delay: float = MIN_RESTART_DELAY  # seconds
    _started_at: float = 0  # monotonic seconds
    _exits: deque[float] = field(default_factory=lambda: deque(maxlen=CRASH_LOOP_EXITS))
    _partial_line: bytes = b""

    @property
    def is_running(self) -> bool:
        """Return whether the process exists and has not exited."""
        return self.process is not None and self.process.poll() is None

    @property
    def is_crash_looping(self) -> bool:
        """Return whether the process exited too often to be restarted once more."""
        return len(self._exits) == CRASH_LOOP_EXITS and self._exits[-1] - self._exits[0] < CRASH_LOOP_WINDOW

    @property
    def output(self) -> IO[bytes]:
        """Return the pipe with the output of the process.

        Raises:
            RuntimeError: The process was not started.
        """
        if self.process is None or self.process.stdout is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process.stdout

    def start(self) -> None:
        """Start the process; its pipe does not block."""
        self.restart_at = None
        self._started_at = time.monotonic()
        self.process = spawn(self.command, env=self.env)
        os.set_blocking(self.output.fileno(), False)

    def read_lines(self) -> list[str]:
        """Read the output since the last time; return its complete lines, none of a quiet child."""
        received = b""
        with suppress(BlockingIOError):
            while chunk := os.read(self.output.fileno(), READ_SIZE):
                received += chunk
        *complete, self._partial_line = (self._partial_line + received).split(b"\n")
        return self._keep(complete)

    def record_exit(self, *, expected: bool) -> list[str]:
        """Record that the process exited and, unless that was expected, schedule its restart.

        Returns:
            The lines to show: the rest of the output, and how the process exited.
        """
        rest = self.read_lines() + self._keep([self._partial_line] if self._partial_line else [])
        self._partial_line = b""
        self.output.close()
        now, code = time.monotonic(), self.process.wait() if self.process else 0
        self.process = None
        if expected:
            return rest
        uptime = now - self._started_at
        if code == 0 and uptime > MIN_UPTIME:
            self.restart_at = now
            return rest
        self._schedule_restart(now, uptime)
        reason = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return [*rest, f"{reason}; starts again in {(self.restart_at or now) - now:.0f} s"]

    def terminate(self) -> None:
        """Send SIGTERM to the process alone: it stops its own children itself."""
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill the process and every process of its session."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _schedule_restart(self, now: float, uptime: float) -> None:
        if uptime > CRASH_LOOP_WINDOW:
            self.restart_delay = MIN_RESTART_DELAY
        self._exits.append(now)
        self.restart_at = now + self.restart_delay
        self.restart_delay = min(self.restart_delay * 2, MAX_RESTART_DELAY)

    def _keep(self, lines: Sequence[bytes]) -> list[str]:
        decoded = [line.decode(errors="replace").rstrip() for line in lines]
        self.last_lines.extend(decoded)
        return [] if self.quiet else decoded
