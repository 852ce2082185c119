"""What many worlds use one after another: an empty database, Redis, and Practice Xero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from cryptography.fernet import Fernet
from redis import ConnectionPool
from sqlalchemy import create_engine, event

from posxero.db.engine import prepare, refuse_deferred_writes
from posxero.settings import Settings
from tests.simulation.xero import URL, SimulatedXero
from tests.support.databases import Database, written_by_a_test
from tests.support.fakes import open_ports

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from sqlalchemy import Engine

    from posxero.ports import Ports

MINUTE_LIMIT = 20  # calls a minute: few enough to be reached, by us and in Practice Xero


@dataclass(frozen=True)
class Site:
    """A place where worlds are built, each of which finds it empty."""

    database: Database
    engine: Engine
    redis: ConnectionPool
    xero: SimulatedXero
    ports: Ports  # of which each process has its own limits, queue and connections to Xero

    @classmethod
    def open(cls, database: Database, redis_url: str, folder: Path) -> Self:
        """Use a migrated database and a Redis; `folder` keeps Practice Xero's file."""
        engine = create_engine(database.url)
        prepare(engine)
        refuse_deferred_writes(engine, unless=written_by_a_test)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _make_quick)
        addresses = {f"POSXERO_XERO_{base}_URL": URL for base in ("LOGIN", "IDENTITY", "API", "WEB")}
        environment = {
            "POSXERO_DATA_DIR": str(folder),
            "POSXERO_DATABASE_URL": database.url,
            "POSXERO_REDIS_URL": redis_url,
            "POSXERO_SECRET_KEY": "a-secret-key-for-tests-only-0123456789",
            "POSXERO_TOKEN_KEYS": Fernet.generate_key().decode(),
            "POSXERO_XERO_CLIENT_ID": SimulatedXero.client_id,
            "POSXERO_XERO_CLIENT_SECRET": SimulatedXero.client_secret,
            "POSXERO_XERO_MINUTE_LIMIT": str(MINUTE_LIMIT),
            **addresses,
        }
        xero = SimulatedXero(folder / "practice.db", minute_limit=MINUTE_LIMIT)
        pool = ConnectionPool.from_url(redis_url)
        ports, _ = open_ports(Settings.from_env(environment))
        return cls(database, engine, pool, xero, ports)

    def close(self) -> None:
        """Close every connection."""
        self.ports.http.close()
        self.engine.dispose()
        self.redis.disconnect()
        self.xero.http.close()


def _make_quick(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
