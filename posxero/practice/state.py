"""What one Practice Xero is made of, and how a view reaches it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event

from flask import current_app, g

from posxero.practice import store, xero_dates
from posxero.practice.calls import Calls
from posxero.practice.faults import Faults
from posxero.practice.late_writes import LateWrites
from posxero.practice.limits import Limits


@dataclass(frozen=True)
class Practice:
    """The parts of one running Practice Xero; time and waiting enter from outside."""

    path: Path
    client_id: str
    client_secret: str = field(repr=False)
    limits: Limits
    late_writes: LateWrites
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    faults: Faults = field(default_factory=Faults)
    calls: Calls = field(default_factory=Calls)
    closing: Event = field(default_factory=Event)  # set when the server ends: every held connection ends too

    def close(self) -> None:
        """End the connections that faults hold, and cancel the writes that were to land."""
        self.closing.set()
        self.late_writes.close()


def practice() -> Practice:
    """Return the Practice Xero that serves this request."""
    found: Practice = current_app.extensions["practice"]
    return found


def now() -> int:
    """Return the moment, in milliseconds since 1970."""
    return xero_dates.to_ms(practice().clock())


def database() -> sqlite3.Connection:
    """Give this request's connection to the file, opened at its first use."""
    if "database" not in g:
        g.database = store.connect(practice().path)
    opened: sqlite3.Connection = g.database
    return opened


def close_database(_error: BaseException | None = None) -> None:
    """Close this request's connection, if it opened one."""
    opened: sqlite3.Connection | None = g.pop("database", None)
    if opened is not None:
        opened.close()
