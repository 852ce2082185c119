"""The supervised processes together: started in order, restarted when they exit, and stopped in order."""

import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

from posxero.supervisor.child import CRASH_LOOP_EXITS, Child

POLL_INTERVAL = 0.1  # seconds
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildFailed(Exception):
    """A child cannot be kept running; the message holds the last lines of its output."""


class ShutdownRequested(Exception):
    """Ctrl-C or SIGTERM came before everything was started."""


class ProcessGroup:
    """Supervises children from one thread. Use it from the main thread, which alone receives signals."""

    def __init__(self, show_line: Callable[[str, str], None]) -> None:
        """Keep `show_line(name, line)`, which shows a line of a child's output."""
        self._show_line = show_line
        self._children: list[Child] = []
        self._pipes = selectors.DefaultSelector()
        self._stop_requests = 0

    def start(self, *children: Child) -> None:
        """Start children, and wait until each is ready.

        Raises:
            ChildFailed: One exits too often, or is not ready in time.
            ShutdownRequested: A stop signal came.
        """
        for child in children:
            self._children.append(child)
            self._launch(child)
        for child in children:
            self._wait_until_ready(child)

    def supervise(self) -> None:
        """Keep the children running until a stop signal comes.

        Raises:
            ChildFailed: One exits too often.
        """
        while not self._stop_requests:
            self._poll(restart=True)

    def stop(self) -> None:
        """Stop the children, the lowest `stop_order` first; kill them all when a second stop signal comes."""
        requests_before = self._stop_requests

        def is_forced() -> bool:
            return self._stop_requests > max(requests_before, 1)

        for _, group in groupby(sorted(self._children, key=_stop_order), key=_stop_order):
            children = list(group)
            for child in children:
                child.terminate()
            deadline = time.monotonic() + max(child.stop_timeout for child in children)
            while any(child.is_running for child in children) and time.monotonic() < deadline and not is_forced():
                self._poll(restart=False)
            for child in children:
                child.kill()
        self._poll(restart=False)
        self._pipes.close()

    @contextmanager
    def stop_signals(self) -> Iterator[None]:
        """Count stop signals during the block, and restore the previous signal handlers at its end."""

        def request_stop(_number: int, _frame: object) -> None:
            self._stop_requests += 1

        previous = {number: signal.signal(number, request_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + child.ready_timeout
        while child.is_ready is not None and not (child.is_running and child.is_ready()):
            if self._stop_requests:
                raise ShutdownRequested
            if time.monotonic() > deadline:
                message = f"{child.name} was not ready after {child.ready_timeout:.0f} seconds."
                raise ChildFailed(message + _last_lines(child))
            self._poll(restart=True)

    def _launch(self, child: Child) -> None:
        child.start()
        self._pipes.register(child.output, selectors.EVENT_READ, child)

    def _poll(self, *, restart: bool) -> None:
        """Show new output, record exits, and restart the children that are due."""
        self._show_output()
        for child in self._children:
            if child.process is not None and not child.is_running:
                self._pipes.unregister(child.output)
                self._show(child, child.record_exit(expected=not restart))
                if restart and child.is_crash_looping:
                    message = f"{child.name} ended {CRASH_LOOP_EXITS} times within a minute."
                    raise ChildFailed(message + _last_lines(child))
            if restart and child.restart_at is not None and time.monotonic() >= child.restart_at:
                self._launch(child)

    def _show_output(self) -> None:
        """Wait at most `POLL_INTERVAL` for output, and show it."""
        if not self._pipes.get_map():
            time.sleep(POLL_INTERVAL)
            return
        for key, _ in self._pipes.select(POLL_INTERVAL):
            self._show(key.data, key.data.read_lines())

    def _show(self, child: Child, lines: list[str]) -> None:
        for line in lines:
            self._show_line(child.name, line)


def _stop_order(child: Child) -> int:
    return child.stop_order


def _last_lines(child: Child) -> str:
    if not child.last_lines:
        return ""
    return "".join(["\n  Its last lines:", *(f"\n    {line}" for line in child.last_lines)])
