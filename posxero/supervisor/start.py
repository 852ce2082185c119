"""`posxero start`: migrate, then Valkey, Practice Xero, web, workers and scheduler, until Ctrl-C."""

import fcntl
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from posxero import preflight
from posxero.environment import LOOPBACK
from posxero.preflight import NotReady
from posxero.settings import Settings
from posxero.supervisor import plan, valkey
from posxero.supervisor.console import Console
from posxero.supervisor.demo_data import create_demo_shop
from posxero.supervisor.process_group import ProcessGroup, ShutdownRequested

DEFAULT_WEB_PORT, DEFAULT_PRACTICE_PORT = 8000, 8001


@dataclass
class StartConfig:
    """Where the processes listen, their environment, and the settings that they read from it."""

    host: str
    port: int
    practice_port: int | None  # None: Practice Xero is not run
    env: dict[str, str] = field(repr=False)
    settings: Settings


def start(environ: Mapping[str, str], *, host: str, port: int | None, console: Console) -> None:
    """Run the whole shop until Ctrl-C or SIGTERM.

    Without `port` it is that of a POSXERO_PUBLIC_URL on this machine, else 8000 or the next free one.

    Raises:
        InvalidSetting: A variable of `environ` is wrong.
        NotReady: The database, a configured Redis or a port is not available, or the shop runs already.
        NoValkey: There is no embedded Valkey for this platform, and no Redis is configured.
        ChildFailed: A process cannot be kept running. The others are stopped first.
    """
    settings = Settings.from_env(environ)
    with _lock_data_dir(settings.data_dir):
        config = configure(environ, settings, host, port)
        preflight.upgrade_database(config.settings)
        processes = ProcessGroup(console.print_child_line)
        with processes.stop_signals():
            try:
                _start_processes(config, processes, console)
                processes.supervise()
            except ShutdownRequested:
                console.print("Not everything was started yet.")
            finally:
                console.print("Stopping: web first, then the workers finish their jobs. Ctrl-C again stops at once.")
                processes.stop()
    console.print("Stopped.")


def configure(environ: Mapping[str, str], settings: Settings, host: str, port: int | None) -> StartConfig:
    """Choose the ports, and build the environment of the processes.

    Raises:
        NotReady: The port of the public address, or every other, is taken.
    """
    if port is None and (public_port := _local_public_port(environ, settings)):
        preflight.check_port(host, public_port)
        port = public_port
    port = preflight.next_free_port(host, port or DEFAULT_WEB_PORT)
    env = {
        "POSXERO_PUBLIC_URL": plan.http_url(_public_host(host), port),
        **{name: value for name, value in environ.items() if value},
        "POSXERO_DATA_DIR": str(settings.data_dir),
        "PYTHONUNBUFFERED": "1",
    }
    if settings.redis_url is None:
        env["POSXERO_REDIS_URL"] = valkey.url(settings.data_dir / "valkey")
    practice_port = None
    if not settings.xero.client_id and not settings.production:
        practice_port = preflight.next_free_port(host, max(DEFAULT_PRACTICE_PORT, port + 1))
        env |= plan.practice_environment(plan.http_url(_reachable_host(host), practice_port))
        env.setdefault("POSXERO_XERO_WEBHOOK_KEY", plan.practice_webhook_key(settings.secret_key))
    return StartConfig(host, port, practice_port, env, Settings.from_env(env))


def _start_processes(config: StartConfig, processes: ProcessGroup, console: Console) -> None:
    """Start everything in order, and print how to sign in.

    A configured Redis must answer now; later it may go away and come back.
    """
    settings, data_dir = config.settings, config.settings.data_dir
    if settings.redis_url == valkey.url(data_dir / "valkey"):
        processes.start(plan.valkey_child(data_dir, config.env))
    else:
        preflight.check_redis(settings.redis_url)
    if config.practice_port is not None:
        shop_url = plan.http_url(_reachable_host(config.host), config.port)
        practice = plan.practice_child(config.host, config.practice_port, data_dir, config.env, shop_url=shop_url)
        processes.start(practice)
    emails = [] if settings.production else create_demo_shop(settings)
    processes.start(plan.web_child(config.host, config.port, config.env))
    processes.start(*plan.worker_children(config.env), plan.scheduler_child(config.env))
    console.print_welcome(settings, practice=config.practice_port is not None, emails=emails)


@contextmanager
def _lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Lock the data folder: two supervisors must not share its files.

    Raises:
        NotReady: Another one holds the lock.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "start.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"Another Retail POS is already using {data_dir}. Stop it, or set POSXERO_DATA_DIR."
            raise NotReady(message) from None
        yield


def _local_public_port(environ: Mapping[str, str], settings: Settings) -> int | None:
    """Return the port of a public address that was set and is on this machine: no proxy stands in between."""
    url = urlsplit(settings.public_url)
    return url.port if environ.get("POSXERO_PUBLIC_URL") and url.hostname in LOOPBACK else None


def _public_host(host: str) -> str:
    """Return the host as Xero accepts it in a redirect address: of plain http it accepts nothing but localhost."""
    return "localhost" if host in LOOPBACK else _reachable_host(host)


def _reachable_host(host: str) -> str:
    """Return the host for addresses: this machine's name where the server listens everywhere."""
    return socket.gethostname() if host in plan.LOOPBACK_OF_WILDCARD else host
