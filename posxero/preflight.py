"""Checks before a process starts, so that a person reads one sentence and no traceback."""

import errno
import socket
from pathlib import Path

from redis import RedisError
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from posxero.db import migrate
from posxero.environment import LOOPBACK
from posxero.redis_client import redis_client
from posxero.settings import Settings

NEWER_DATABASE_MESSAGE = (
    "A newer version of Retail POS has used this database. Start that version, or a copy made before."
)
PORTS_TRIED = 100
MAX_PORT = 65535


class NotReady(Exception):
    """Something that the process needs is missing; the message says what it is, and what to do."""


def upgrade_database(settings: Settings) -> None:
    """Upgrade the database to the newest migration; create the folder of an SQLite file.

    Raises:
        NotReady: The database cannot be reached, or is newer than this code.
    """
    try:
        _make_folder(settings.database_url)
        migrate.upgrade(settings.database_url)
    except migrate.NewerDatabase as error:
        raise NotReady(NEWER_DATABASE_MESSAGE) from error
    except (SQLAlchemyError, OSError) as error:
        raise _unreachable(settings, error) from error


def check_database(settings: Settings) -> None:
    """Check that the database answers and has every migration of this code.

    Raises:
        NotReady: It does not.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise NotReady("There is no database yet. Run: posxero migrate")
    try:
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            current, newer = migrate.is_current(connection), migrate.is_newer(connection)
    except SQLAlchemyError as error:
        raise _unreachable(settings, error) from error
    if newer:
        raise NotReady(NEWER_DATABASE_MESSAGE)
    if not current:
        raise NotReady("The database lacks the newest migration. Run: posxero migrate")


def check_redis(url: str | None, *, timeout: float = 2) -> None:
    """Check that Redis or Valkey is configured and answers within `timeout` seconds.

    Raises:
        NotReady: It is not or does not.
    """
    if url is None:
        raise NotReady(
            "POSXERO_REDIS_URL is not set. Set it to a Redis or Valkey server, or run posxero start, which has one."
        )
    client = redis_client(url, timeout=timeout)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        raise NotReady(f"The server at POSXERO_REDIS_URL isn't responding: {_first_line(error)}.") from error
    finally:
        client.close()


def is_free(host: str, port: int) -> bool:
    """Return whether a port can be listened on, and whether `localhost` then leads to it.

    A browser tries ::1 before 127.0.0.1, so another server at the other loopback address would answer instead.

    Raises:
        NotReady: The host is not an address of this machine.
    """
    if _bind_error(host, port) is not None:
        return False
    others = LOOPBACK if host in LOOPBACK else ()
    return all(_bind_error(other, port) != errno.EADDRINUSE for other in others)


def _bind_error(host: str, port: int) -> int | None:
    """Return the errno with which listening there fails, None when it does not."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise NotReady(f"{host} is not an address of this machine.") from error
    try:
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def check_port(host: str, port: int) -> None:
    """Check that a port can be listened on.

    Raises:
        NotReady: Another program has it, or the host is not an address of this machine.
    """
    if not is_free(host, port):
        raise NotReady(f"Port {port} of {host} is in use by another program. Choose another with --port.")


def next_free_port(host: str, first: int) -> int:
    """Return the first free port of the hundred from `first` on.

    Raises:
        NotReady: None of them is free.
    """
    for port in range(first, min(first + PORTS_TRIED, MAX_PORT + 1)):
        if is_free(host, port):
            return port
    raise NotReady(f"No port of {host} from {first} up is free.")


def _make_folder(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _unreachable(settings: Settings, error: Exception) -> NotReady:
    url = make_url(settings.database_url).render_as_string(hide_password=True)
    return NotReady(f"The database {url} cannot be used: {_first_line(getattr(error, 'orig', None) or error)}.")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
