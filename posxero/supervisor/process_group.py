"""The children together: started in order, started again when they end, and ended in order."""

import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

from posxero.supervisor.child import Child

TICK = 0.1  # seconds between two looks at the children
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildFailed(Exception):
    """A child cannot be kept running; the message holds its last lines."""


class AskedToEnd(Exception):
    """Ctrl-C or SIGTERM came before everything was started."""


class Family:
    """Watches children from one thread. Call it from the main thread, which alone hears signals."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        """Keep `say(name, line)`, which shows what a child said."""
        self._say = say
        self._children: list[Child] = []
        self._pipes = selectors.DefaultSelector()
        self._asked = 0  # how often we were asked to end

    def start(self, *children: Child) -> None:
        """Start children, and wait until each is ready.

        Raises:
            ChildFailed: One ends too often, or is not ready in time.
            AskedToEnd: A person no longer wants it.
        """
        for child in children:
            self._children.append(child)
            self._begin(child)
        for child in children:
            self._wait(child)

    def watch(self) -> None:
        """Keep the children running until a person wants them to end.

        Raises:
            ChildFailed: One ends too often.
        """
        while not self._asked:
            self._tick(restart=True)

    def stop(self) -> None:
        """End the children, the lowest rank first; asked once more, kill them all."""
        once = self._asked
        for _, group in groupby(sorted(self._children, key=lambda child: child.rank), key=lambda child: child.rank):
            children = list(group)
            for child in children:
                child.ask_to_end()
            end = time.monotonic() + max(child.grace for child in children)
            while any(child.running for child in children) and time.monotonic() < end and self._asked <= max(once, 1):
                self._tick(restart=False)
            for child in children:
                child.kill()
        self._tick(restart=False)
        self._pipes.close()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals that ask to end, and give them back afterwards."""

        def ask(_number: int, _frame: object) -> None:
            self._asked += 1

        before = {number: signal.signal(number, ask) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wait(self, child: Child) -> None:
        end = time.monotonic() + child.patience
        while child.ready is not None and not (child.running and child.ready()):
            if self._asked:
                raise AskedToEnd
            if time.monotonic() > end:
                raise ChildFailed(f"{child.name} was not ready after {child.patience:.0f} seconds.{_last_words(child)}")
            self._tick(restart=True)

    def _begin(self, child: Child) -> None:
        child.start()
        self._pipes.register(child.output, selectors.EVENT_READ, child)

    def _tick(self, *, restart: bool) -> None:
        """Show what was said, note who ended, and start again whose time has come."""
        if self._pipes.get_map():
            ready = self._pipes.select(TICK)
        else:
            time.sleep(TICK)
            ready = []
        for key, _ in ready:
            self._show(key.data, key.data.read())
        for child in self._children:
            if child.process is not None and not child.running:
                self._pipes.unregister(child.output)
                self._show(child, child.note_end(wanted=not restart))
                if restart and child.keeps_ending:
                    raise ChildFailed(f"{child.name} ended 5 times within a minute.{_last_words(child)}")
            if restart and child.start_at is not None and time.monotonic() >= child.start_at:
                self._begin(child)

    def _show(self, child: Child, lines: list[str]) -> None:
        for line in lines:
            self._say(child.name, line)


def _last_words(child: Child) -> str:
    return "".join(["\n  Its last lines:", *(f"\n    {line}" for line in child.lines)]) if child.lines else ""
