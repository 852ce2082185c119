"""Engines and transactions: what SQLite must be told, and how a service asks to write."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Result, event
from sqlalchemy.orm import Session, scoped_session

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT = 5000  # milliseconds that a statement waits for what another transaction holds
PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_TIMEOUT}",
    "synchronous=NORMAL",
    "cache_size=-16384",  # KiB, if it comes to that: an import of 100,000 has its indexes at hand
)

MAX_GAP = 0.25  # seconds between two batches of `writing_in_batches`

CHANGES = r"(INSERT|UPDATE|DELETE|REPLACE)\b"
WRITES = re.compile(rf"\s*({CHANGES}|(CREATE|DROP|ALTER|ANALYZE|REINDEX)\b|WITH\b.*\b{CHANGES})", re.DOTALL)


class DeferredWrite(RuntimeError):
    """A statement writes in a transaction that did not begin with `begin_writing`."""


def prepare(engine: Engine) -> None:
    """Keep values out of errors, which are logged; make SQLite durable, patient and strict."""
    engine.hide_parameters = True
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connect)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _connect_postgresql)


def begin_writing(session: Session | scoped_session[Session]) -> None:
    """Begin a transaction that will write after reading.

    SQLite takes its write lock at once (BEGIN IMMEDIATE): a read that turns into a
    write fails when another process wrote meanwhile. A transaction that only read is
    ended first, so what was loaded before must be read again.

    Raises:
        RuntimeError: The session holds changes that were not committed.
    """
    if isinstance(session, scoped_session):  # Flask-SQLAlchemy's
        session = session()
    if session.new or session.dirty or session.deleted:
        message = "begin_writing() would commit changes that another service began"
        raise RuntimeError(message)
    if session.in_transaction():
        session.commit()
    session.connection(execution_options={"writes": True})


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """Begin writing, and commit at the end of the block; an error takes everything back.

    Raises:
        RuntimeError: The session holds changes that were not committed.
    """
    begin_writing(session)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def writing_in_batches(session: Session) -> Iterator[None]:
    """Write one batch of many, then leave SQLite's write lock alone for as long as the batch held it.

    SQLite has no queue: whoever waits looks at the lock again after up to 0.1 s, and would find, again and again, that
    the next batch took it meanwhile. On PostgreSQL a save waits for its own rows only.
    """
    with writing(session):
        began = monotonic()
        yield
    if session.get_bind().dialect.name == "sqlite":
        sleep(min(monotonic() - began, MAX_GAP))


def refuse_deferred_writes(engine: Engine, *, unless: Callable[[], bool] = lambda: False) -> None:
    """Make an SQLite engine raise DeferredWrite for each write outside a transaction that `begin_writing` began.

    Such a write works until another process commits after the transaction's first read: then
    SQLite refuses it at once (SQLITE_BUSY_SNAPSHOT), whatever the busy time-out. The tests
    turn this on, so that no such write depends on luck.

    Args:
        engine: A prepared engine; PostgreSQL's stays as it is.
        unless: Return whether the running caller may write anyhow.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "before_cursor_execute")
    def _refuse(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if connection.get_execution_options().get("writes") or not WRITES.match(statement) or unless():
            return
        message = f"use writing() or begin_writing() before: {statement}"
        raise DeferredWrite(message)


def rows_changed(result: Result[Any]) -> int:
    """Count the rows that an UPDATE changed: of those who wanted a row at once, one is told 1."""
    return cast("CursorResult[Any]", result).rowcount


def _connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event says BEGIN, not the driver
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _connect_postgresql(connection: "psycopg.Connection", _record: Any) -> None:
    """Limit the wait for locks, and say that pages are in memory or on an SSD.

    By PostgreSQL's default, of turning disks, a search reads the whole table instead of a
    business's part of the search index: 40 ms of 30,000 contacts instead of 3.
    """
    connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT}")
    connection.execute("SET random_page_cost = 1.1")
    connection.commit()  # a rollback would take it back


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
