"""Throw-away databases: a PostgreSQL cluster on a unix socket, and files of SQLite, both migrated once."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

import posxero
from posxero.db import engine
from posxero.db.migrate import upgrade
from posxero.db.models import Base
from posxero.parent_death import die_with_parent

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sqlalchemy import Engine

HERE = str(Path(__file__).parents[1])
PRODUCT = str(Path(posxero.__file__).parent)
TO_INSTALL = (
    "The tests need a PostgreSQL server, version 15 or newer. On Debian: apt-get install postgresql. Elsewhere set "
    "POSXERO_TEST_PG_BIN to the folder that holds initdb and postgres."
)
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


@dataclass(frozen=True)
class Database:
    """A migrated, empty database of one kind, which every test leaves empty."""

    url: str
    engine: Engine

    @classmethod
    def at(cls, url: str) -> Database:
        """Open one; a connection to SQLite is kept, as each reads the tables' definitions anew."""
        return cls(url, create_engine(url, **({} if url.startswith("sqlite") else {"poolclass": NullPool})))

    def empty(self) -> None:
        """Delete every row. Sessions that a test left open are ended: their locks would hold this up."""
        tables = [f'"{table.name}"' for table in Base.metadata.tables.values()]
        with self.engine.connect() as connection:
            deletes = ";".join(f"DELETE FROM {table}" for table in tables)  # noqa: S608
            if connection.dialect.name == "sqlite":
                file: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
                file.executescript(f"PRAGMA busy_timeout=5000;PRAGMA synchronous=OFF;BEGIN IMMEDIATE;{deletes};COMMIT")
            else:
                connection.execute(text(END_OTHERS))
                connection.exec_driver_sql(f"SET session_replication_role = replica;{deletes}")
            connection.commit()


END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'
"""


def postgresql_folder() -> Path:
    """Find the folder of initdb and postgres: the one named in the environment, else Debian's newest."""
    if named := os.environ.get("POSXERO_TEST_PG_BIN"):
        folders = [Path(named)]
    else:
        found = Path("/usr/lib/postgresql").glob("*/bin")
        folders = sorted(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.parent.name)], reverse=True)
        if on_path := shutil.which("initdb"):
            folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError(TO_INSTALL)


def _postgres_user() -> dict[str, Any]:
    """Choose who runs the server: it refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise RuntimeError(TO_INSTALL) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Cluster:
    """A PostgreSQL server of this test process, with one migrated template to clone."""

    def __init__(self) -> None:
        self._binaries = postgresql_folder()
        self._numbers = itertools.count(1)
        self._home = Path(tempfile.mkdtemp(prefix="pxpg-"))
        who = _postgres_user()
        if who:
            os.chown(self._home, who["user"], who["group"])
        run: dict[str, Any] = {"cwd": self._home, "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, **who}
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        initdb = [str(self._binaries / "initdb"), "-D", str(self._home / "data"), *options]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **run)
        self._server = self._start(run)
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._wait()
        self.run("CREATE DATABASE template_posxero")
        upgrade(self.url("template_posxero"))

    def _start(self, run: dict[str, Any]) -> subprocess.Popen[bytes]:
        command = [str(self._binaries / "postgres"), "-D", str(self._home / "data"), "-k", str(self._home)]
        for option in QUICK:
            command += ["-c", option]
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509
                **run,
            )

    def _wait(self) -> None:
        for _ in range(400):
            if self._server.poll() is not None:
                raise RuntimeError((self._home / "log").read_text())
            ready = [str(self._binaries / "pg_isready"), "-q", "-h", str(self._home)]
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.025)
        raise RuntimeError((self._home / "log").read_text())

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self._home}"

    def run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def clone(self) -> str:
        """Copy the template into a new database (17 ms) and return its address."""
        name = f"shop_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template_posxero STRATEGY file_copy")
        return self.url(name)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        shutil.rmtree(self._home, ignore_errors=True)


@contextlib.contextmanager
def counted(engine_class: type[Engine]) -> Iterator[list[str]]:
    """Collect the SQL statements that any engine sends meanwhile."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine_class, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine_class, "before_cursor_execute", note)


def written_by_a_test() -> bool:
    """Return whether a test or its set-up writes here: the nearest caller of SQLAlchemy is not the product's code."""
    for frame, _line in traceback.walk_stack(sys._getframe(1)):
        file = frame.f_code.co_filename
        if file.startswith((HERE, PRODUCT)) and file != engine.__file__:
            return file.startswith(HERE)
    return False
