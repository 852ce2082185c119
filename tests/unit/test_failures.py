"""Why the database failed, by the codes of both."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from posxero.db.failures import Failure, failure_of


def raised(error: Exception) -> OperationalError:
    return OperationalError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (sqlite3.SQLITE_BUSY, Failure.BUSY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Failure.BUSY),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, Failure.BUSY),
        (sqlite3.SQLITE_FULL, Failure.FULL),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, Failure.AWAY),
        (sqlite3.SQLITE_ERROR, Failure.OTHER),
    ],
)
def test_of_sqlite(code: int, failure: Failure) -> None:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    assert failure_of(raised(error)) is failure


@pytest.mark.parametrize(
    ("state", "failure"),
    [
        ("55P03", Failure.BUSY),
        ("40001", Failure.BUSY),
        ("40P01", Failure.BUSY),
        ("53100", Failure.FULL),
        ("57P03", Failure.AWAY),
        ("08006", Failure.AWAY),
        ("53200", Failure.OTHER),
    ],
)
def test_of_postgresql(state: str, failure: Failure) -> None:
    assert failure_of(raised(psycopg.errors.lookup(state)())) is failure


def test_without_a_code_there_is_no_database() -> None:
    assert failure_of(raised(psycopg.OperationalError("connection refused"))) is Failure.AWAY
    assert failure_of(raised(sqlite3.OperationalError("closed"))) is Failure.AWAY


def test_a_full_pool_is_busy() -> None:
    assert failure_of(PoolTimeout("QueuePool limit")) is Failure.BUSY
