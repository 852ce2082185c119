"""Which requests run at once: one that computes, and those that wait for something."""

import threading
import time
from collections import deque
from typing import Any, Final

from waitress.channel import HTTPChannel

THREADS: Final = 4  # per process: so many requests may wait for Xero, or for the database, at once
WAITING_AFTER: Final = 0.05  # seconds after which a running request counts as waiting, not computing


class Dispatcher:
    """Runs requests in threads, in the order in which they were received completely.

    Threads that compute contend for Python's lock: four at once cost a fifth more CPU per request than one
    (docs/decisions/0013). So a request starts when no other one has been running for less than `WAITING_AFTER`.
    """

    def __init__(self, threads: int = THREADS, waiting_after: float = WAITING_AFTER) -> None:
        """Start `threads` daemon threads."""
        self._waiting_after = waiting_after
        self._queue: deque[HTTPChannel] = deque()
        self._started_at: dict[int, float] = {}  # monotonic seconds, of each running request, by its thread
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
            channel = self._claim(number)
            try:
                channel.service()  # answers 500 when the app raises
            finally:
                with self._changed:
                    del self._started_at[number]

    def _claim(self, number: int) -> HTTPChannel:
        """Wait until a request may run, and mark it as running."""
        with self._changed:
            while True:
                now = time.monotonic()
                computing = [started for started in self._started_at.values() if now - started < self._waiting_after]
                if self._queue and not computing:
                    self._started_at[number] = now
                    return self._queue.popleft()
                # Wake when the running request counts as waiting; a thread that finishes one claims the next itself.
                self._changed.wait(min(computing) + self._waiting_after - now if self._queue else None)
