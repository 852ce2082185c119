"""`posxero start`: migrate, then Valkey, Practice Xero, web, workers and scheduler, until Ctrl-C."""

import fcntl
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from posxero import preflight
from posxero.environment import LOOPBACK
from posxero.preflight import NotReady
from posxero.settings import Settings
from posxero.supervisor import demo_data, plan, valkey
from posxero.supervisor.console import Voice
from posxero.supervisor.process_group import AskedToEnd, Family

WEB_PORT, PRACTICE_PORT = 8000, 8001


@dataclass
class Shop:
    """What `start` knows of the shop it runs; `env` is that of the children."""

    host: str
    port: int
    practice_port: int | None  # None: a real Xero, or none
    env: dict[str, str] = field(repr=False)
    settings: Settings


def start(environ: Mapping[str, str], *, host: str, port: int | None, voice: Voice) -> None:
    """Run the whole shop until Ctrl-C or SIGTERM.

    Without `port` it is that of a POSXERO_PUBLIC_URL on this machine, else 8000 or the next free one.

    Raises:
        WrongSetting: A variable of `environ` is wrong.
        NotReady: The database, a configured Redis or a port cannot be had, or the shop runs already.
        NoValkey: There is no embedded Valkey for this platform, and no Redis is configured.
        ChildFailed: A process cannot be kept running. The others are ended first.
    """
    settings = Settings.from_env(environ)
    with _alone(settings.data_dir):
        shop = arrange(environ, settings, host, port)
        preflight.upgrade_database(shop.settings)
        family = Family(voice.say)
        with family.listening():
            try:
                _open(shop, family, voice)
                family.watch()
            except AskedToEnd:
                voice.tell("Not everything was started yet.")
            finally:
                voice.tell("Stopping: web first, then the workers finish their jobs. Ctrl-C again stops at once.")
                family.stop()
    voice.tell("Stopped.")


def arrange(environ: Mapping[str, str], settings: Settings, host: str, port: int | None) -> Shop:
    """Choose the ports, and write the environment of the children.

    Raises:
        NotReady: A port that was asked for by the public address, or every other, is taken.
    """
    if port is None and (asked := _public_port(environ, settings)):
        preflight.check_port(host, asked)
        port = asked
    port = preflight.next_free_port(host, port or WEB_PORT)
    env = {
        "POSXERO_PUBLIC_URL": plan.address(_public_host(host), port),
        **{name: value for name, value in environ.items() if value},
        "POSXERO_DATA_DIR": str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
    }
    if settings.redis_url is None:
        env["POSXERO_REDIS_URL"] = valkey.url(settings.data_dir / "valkey")
    practice_port = None
    if not settings.xero.client_id and not settings.production:
        practice_port = preflight.next_free_port(host, max(PRACTICE_PORT, port + 1))
        env |= plan.practice_environment(plan.address(_seen_from_outside(host), practice_port))
    return Shop(host, port, practice_port, env, Settings.from_env(env))


def _open(shop: Shop, family: Family, voice: Voice) -> None:
    """Start everything in order, and say how to sign in.

    A configured Redis must answer now; later it may go away and come back.
    """
    settings, data_dir = shop.settings, shop.settings.data_dir
    if settings.redis_url == valkey.url(data_dir / "valkey"):
        family.start(plan.valkey_child(data_dir, shop.env))
    else:
        preflight.check_redis(settings.redis_url)
    if shop.practice_port is not None:
        family.start(plan.practice_child(shop.host, shop.practice_port, data_dir, shop.env))
    emails = [] if settings.production else demo_data.open_practice_shop(settings)
    family.start(plan.web_child(shop.host, shop.port, shop.env))
    family.start(*plan.worker_children(shop.env), plan.scheduler_child(shop.env))
    voice.welcome(shop.settings, practice=shop.practice_port is not None, emails=emails)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder: two supervisors on one folder would fight over its files.

    Raises:
        NotReady: Another one has it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "start.lock").open("a+") as lock:
        _take(lock, data_dir)
        yield


def _take(lock: IO[str], data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NotReady(f"Another Retail POS is already using {data_dir}. Stop it, or set POSXERO_DATA_DIR.") from None


def _public_port(environ: Mapping[str, str], settings: Settings) -> int | None:
    """Read the port of a public address that was set and is this machine's own: no proxy stands in between."""
    url = urlsplit(settings.public_url)
    return url.port if environ.get("POSXERO_PUBLIC_URL") and url.hostname in LOOPBACK else None


def _public_host(host: str) -> str:
    """Name the host as Xero wants it in the redirect address: of plain http it accepts nothing but localhost."""
    return "localhost" if host in LOOPBACK else _seen_from_outside(host)


def _seen_from_outside(host: str) -> str:
    """Name the host in addresses; a server that listens everywhere is found by this machine's name."""
    return socket.gethostname() if host in plan.ANY_ADDRESS else host
