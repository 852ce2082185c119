"""Heartbeats of this process, stored in the database."""

import threading
import time

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.ports import ports_of
from posxero.services.sync_status import heartbeats

log = structlog.get_logger(__name__)


class HeartbeatWriter:
    """Stores heartbeats of a process. One that cannot be stored is logged, and nothing else happens.

    Attributes:
        lock: Held while a heartbeat is stored. Hold it across a fork: the child then inherits neither a connection
            nor a lock that is in use.
    """

    def __init__(self, app: Flask, process: str) -> None:
        self._app = app
        self._process = process
        self._interval = ports_of(app).settings.timings.heartbeat.total_seconds()
        self._due_at = 0.0  # monotonic seconds
        self.lock = threading.Lock()

    def start(self) -> None:
        """Store a heartbeat at each interval, in a daemon thread."""
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def beat(self) -> None:
        """Store a heartbeat, unless the last one is younger than the interval."""
        now = time.monotonic()
        if now < self._due_at:
            return
        with self.lock, self._app.app_context():
            try:
                heartbeats.record(db.session, self._process, now=database_time(db.session))
                self._due_at = now + self._interval
            except SQLAlchemyError as error:
                db.session.rollback()
                log.warning("heartbeat.not_stored", process=self._process, error=str(getattr(error, "orig", error)))

    def _run(self) -> None:
        while True:
            self.beat()
            time.sleep(self._interval)
