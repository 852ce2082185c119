"""The state of a Practice Xero, and how views reach it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event

from flask import current_app, g

from posxero.practice import store, xero_dates
from posxero.practice.calls import CallLog
from posxero.practice.faults import Faults
from posxero.practice.late_writes import LateWrites
from posxero.practice.limits import Limits
from posxero.practice.webhook_worker import WebhookWorker


@dataclass(frozen=True)
class Practice:
    """The parts of one running Practice Xero; clock and sleep are passed in."""

    path: Path
    client_id: str
    client_secret: str = field(repr=False)
    limits: Limits
    late_writes: LateWrites
    webhooks: WebhookWorker
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    closing: Event = field(default_factory=Event)  # set when the server stops, which closes every held connection

    def close(self) -> None:
        """Close the connections that faults hold open, cancel scheduled writes, and stop the delivery of webhooks."""
        self.closing.set()
        self.late_writes.close()
        self.webhooks.close()


def practice() -> Practice:
    """Return the Practice Xero that serves this request."""
    found: Practice = current_app.extensions["practice"]
    return found


def now() -> int:
    """Return the current time in milliseconds since 1970."""
    return xero_dates.to_ms(practice().clock())


def database() -> sqlite3.Connection:
    """Return the database connection of this request, opened at first use."""
    if "database" not in g:
        g.database = store.connect(practice().path)
    opened: sqlite3.Connection = g.database
    return opened


def close_database(_error: BaseException | None = None) -> None:
    """Close the database connection of this request, if it is open."""
    opened: sqlite3.Connection | None = g.pop("database", None)
    if opened is not None:
        opened.close()
