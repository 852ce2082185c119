"""Our own clock: every few seconds it looks into the database for what is owed, and sends hints."""

import signal
from threading import Event

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from posxero import ports
from posxero.db.base import database_time
from posxero.db.session import db
from posxero.services import sweep

log = structlog.get_logger(__name__)


def run(app: Flask) -> None:
    """Sweep until SIGTERM. Several schedulers at once do no harm."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pause = ports.of(app).settings.timings.sweep.total_seconds()
    log.info("scheduler.started", every=pause)
    while not stop.is_set():
        look(app)
        stop.wait(pause)
    log.info("scheduler.ended")


def look(app: Flask) -> None:
    """Sweep once. A database that is away is logged, and looked for again the next time."""
    outside = ports.of(app)
    with app.app_context():
        try:
            found = sweep.run(db.session, outside.queue, outside.settings.timings, now=database_time(db.session))
        except SQLAlchemyError as error:
            db.session.rollback()
            log.error("scheduler.database_away", error=type(error).__name__)  # noqa: TRY400 - not our defect
            return
    if found:
        log.info("scheduler.found", hints=found)
