"""Which requests run at once: one that computes, and whatever waits."""

import threading
import time
from collections import deque
from typing import Any, Final

from waitress.channel import HTTPChannel

THREADS: Final = 4  # of a process: so many requests may wait for Xero, or for the database, at once
PATIENCE: Final = 0.05  # seconds after which a request counts as waiting, not computing


class Dispatcher:
    """Runs requests in threads, in the order in which they became complete.

    Threads that compute only take Python's lock from one another: four at once cost a fifth more CPU a request than
    one (docs/decisions/0013). So a request starts when no other one has been running for less than `PATIENCE`.
    """

    def __init__(self, threads: int = THREADS, patience: float = PATIENCE) -> None:
        """Start `threads` daemon threads."""
        self._patience = patience
        self._queue: deque[HTTPChannel] = deque()
        self._began: dict[int, float] = {}  # monotonic, of each running request, by its thread
        self._changed = threading.Condition()
        for number in range(threads):
            threading.Thread(target=self._run, args=(number,), name=f"web-{number}", daemon=True).start()

    def add_task(self, channel: HTTPChannel) -> None:
        """Run the next request of a connection. Waitress calls this."""
        with self._changed:
            self._queue.append(channel)
            self._changed.notify()

    def shutdown(self, *_: Any, **__: Any) -> None:
        """Do nothing: the threads end with their process."""

    def _run(self, number: int) -> None:
        while True:
            channel = self._next(number)
            try:
                channel.service()  # it answers 500 for what the app raises
            finally:
                with self._changed:
                    del self._began[number]

    def _next(self, number: int) -> HTTPChannel:
        """Wait until a request may run, and mark it as running."""
        with self._changed:
            while True:
                now = time.monotonic()
                computing = [began for began in self._began.values() if now - began < self._patience]
                if self._queue and not computing:
                    self._began[number] = now
                    return self._queue.popleft()
                # A thread that becomes free looks by itself; one that waits longer than it may is looked for here.
                self._changed.wait(min(computing) + self._patience - now if self._queue else None)
