"""The log of calls, by which tests check that limits were kept."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

MAX_CALLS = 50_000  # calls; a day's allowance of several organisations


@dataclass(frozen=True)
class Call:
    """One call: times in milliseconds since 1970; status 0 if the connection was dropped.

    `consent` is the authentication event of the token, which tells a test whose token it was.
    `elements` are the contacts of a write as they were sent; no token is ever kept here.
    """

    at: int
    ended: int
    method: str
    path: str
    query: dict[str, str]
    tenant: str
    consent: str
    status: int
    fault: str
    idempotency_key: str
    elements: list[Any] = field(repr=False)


class CallLog:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        """Start an empty log."""
        self._lock = Lock()
        self._calls: deque[Call] = deque(maxlen=MAX_CALLS)

    def add(self, call: Call) -> None:
        """Add a call that was answered."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> list[Call]:
        """Return the calls in the order in which they were answered."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Clear the log."""
        with self._lock:
            self._calls.clear()
