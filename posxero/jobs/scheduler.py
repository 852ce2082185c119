"""The scheduler: every few seconds it finds in the database what is owed, and enqueues jobs."""

import signal
from datetime import timedelta
from threading import Event

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from posxero.db.base import database_time
from posxero.db.session import db
from posxero.jobs.heartbeat import HeartbeatWriter
from posxero.ports import ports_of
from posxero.services import sweep
from posxero.services.sync_status import heartbeats
from posxero.services.sync_status.degradation_log import DegradationLog

log = structlog.get_logger(__name__)


def run(app: Flask) -> None:
    """Sweep until SIGTERM. Several schedulers at once do no harm."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    interval = ports_of(app).settings.timings.sweep
    heartbeat, degradation_log = HeartbeatWriter(app, heartbeats.SCHEDULER), DegradationLog()
    log.info("scheduler.started", every=interval.total_seconds())
    while not stop.is_set():
        heartbeat.beat()
        stop.wait(sweep_once(app, degradation_log, interval).total_seconds())
    log.info("scheduler.ended")


def sweep_once(app: Flask, degradation_log: DegradationLog, interval: timedelta) -> timedelta:
    """Sweep once, and log the workers whose heartbeats are late. A database that is down is tried again the next time.

    Returns:
        How long to wait until the next sweep: `interval`, or until the first pause ends.
    """
    ports = ports_of(app)
    with app.app_context():
        try:
            now, timings = database_time(db.session), ports.settings.timings
            enqueued = sweep.run(db.session, ports.jobs, timings, now=now)
            wait = sweep.next_wake(db.session, now=now, within=interval)
            degradation_log.note(
                one.process for one in heartbeats.late_processes(heartbeats.last_seen(db.session), timings, now=now)
            )
            db.session.rollback()
        except SQLAlchemyError as error:
            db.session.rollback()
            log.error("scheduler.database_away", error=type(error).__name__)  # noqa: TRY400 - not our defect
            return interval
    if enqueued:
        log.info("scheduler.found", jobs=enqueued)
    return wait
