"""Why the database failed a statement: it was busy, its disk is full, or it cannot be reached."""

import sqlite3
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Failure(Enum):
    """What kept the database from carrying out a statement."""

    BUSY = auto()  # others held what it needed for too long: the same may work a moment later
    FULL = auto()  # its disk
    AWAY = auto()
    OTHER = auto()


# Primary result codes (sqlite.org/rescode.html). The driver gives no code where it found no database.
SQLITE = {
    sqlite3.SQLITE_BUSY: Failure.BUSY,
    sqlite3.SQLITE_LOCKED: Failure.BUSY,
    sqlite3.SQLITE_FULL: Failure.FULL,
    sqlite3.SQLITE_CANTOPEN: Failure.AWAY,
    0: Failure.AWAY,
}
PRIMARY = 0xFF  # the byte of an extended result code that holds the primary one
# SQLSTATEs and their classes (postgresql.org/docs/15/errcodes-appendix.html).
POSTGRESQL = {
    "55P03": Failure.BUSY,  # lock_not_available: lock_timeout passed
    "40001": Failure.BUSY,  # serialization_failure
    "40P01": Failure.BUSY,  # deadlock_detected
    "53100": Failure.FULL,  # disk_full
    "08": Failure.AWAY,  # connection_exception
    "57": Failure.AWAY,  # operator_intervention: shutting down, starting
    "": Failure.AWAY,
}


def failure_of(error: DBAPIError | PoolTimeout) -> Failure:
    """Return why the database failed. Waiting too long for a connection of the pool counts as busy."""
    if isinstance(error, PoolTimeout):
        return Failure.BUSY
    if isinstance(error.orig, sqlite3.Error):
        return SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY, Failure.OTHER)
    state = getattr(error.orig, "sqlstate", None) or ""  # psycopg's, which only a shop on PostgreSQL imports: 0.3 s
    return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2], Failure.OTHER)
