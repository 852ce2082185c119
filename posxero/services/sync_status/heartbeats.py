"""Signs of life: which processes are at work, and which have not been seen for too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.engine import rows_changed, writing
from posxero.db.heartbeat import Heartbeat
from posxero.queue import QUEUES
from posxero.settings import Timings

SCHEDULER: Final = "scheduler"
PROCESSES: Final = (SCHEDULER, *QUEUES)
MAX_MISSED_HEARTBEATS: Final = 3  # heartbeats; a process that missed more is late


@dataclass(frozen=True, slots=True)
class LateProcess:
    """A process without a sign of life since `since`."""

    process: str
    since: datetime


def record(session: Session, process: str, *, now: datetime) -> None:
    """Store that a process is at work. Commits.

    Raises:
        SQLAlchemyError: The database cannot be written.
    """
    with writing(session):
        changed = session.execute(update(Heartbeat).where(Heartbeat.process == process).values(at=now))
        if rows_changed(changed):
            return
    try:
        with writing(session):
            session.add(Heartbeat(process=process, at=now))
    except IntegrityError:  # another process of this kind was faster
        return


def last_seen(session: Session) -> dict[str, datetime]:
    """Return when each process was last seen."""
    return {row.process: row.at for row in session.execute(select(Heartbeat.process, Heartbeat.at))}


def late_processes(seen: Mapping[str, datetime], timings: Timings, *, now: datetime) -> list[LateProcess]:
    """Return the processes that are late, given when each was last seen.

    A time in the future was written before the clock was set back; a process that runs corrects it.
    """
    found = []
    for process in PROCESSES:
        pause = max(timings.heartbeat, timings.sweep) if process == SCHEDULER else timings.heartbeat
        at = seen.get(process)
        if at is not None and abs(now - at) > MAX_MISSED_HEARTBEATS * pause:
            found.append(LateProcess(process, min(at, now)))
    return found
