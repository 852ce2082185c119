"""Commands that run processes of a shop."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from posxero import preflight
from posxero.cli.group import main
from posxero.queue import QUEUES
from posxero.settings import Settings
from posxero.supervisor import start as supervisor
from posxero.supervisor import workers
from posxero.supervisor.console import Console


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="The first to try.  [default: 8000]")
def start(host: str, port: int | None) -> None:
    """Run everything a shop needs, until Ctrl-C."""
    supervisor.start(os.environ, host=host, port=port, console=Console())


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", "count", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def web(host: str, port: int, count: int) -> None:
    """Serve the pages."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    preflight.check_port(host, port)
    with _without_collector():
        from posxero.server import serve  # noqa: PLC0415 - half a second, which other commands do without

    serve(settings, host, port, count)


@main.command()
@click.argument("queue", type=click.Choice(QUEUES), required=False)
def worker(queue: str | None) -> None:
    """Run the jobs of a QUEUE; without a name, run and supervise one process for each queue."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    if queue is None or settings.redis_url is None:
        preflight.check_redis(settings.redis_url)
        workers.run(os.environ, Console())
        return
    with _without_collector():
        from posxero.app import create_app  # noqa: PLC0415 - half a second, which other commands do without
        from posxero.jobs import worker as job_worker  # noqa: PLC0415 - same

    job_worker.run(create_app(settings), queue)


@main.command()
def scheduler() -> None:
    """Find what is owed to Xero every few seconds, and enqueue it."""
    settings = Settings.from_env(os.environ)
    preflight.check_database(settings)
    with _without_collector():
        from posxero.app import create_app  # noqa: PLC0415 - half a second, which other commands do without
        from posxero.jobs import scheduler as job_scheduler  # noqa: PLC0415 - same

    job_scheduler.run(create_app(settings))


@main.command("practice-xero")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--contacts", type=click.IntRange(0, 100_000), default=1200, show_default=True)
@click.option("--webhook-url", default="", help="Where to deliver webhooks.")
@click.option("--webhook-key", default="", help="The key that signs them.  [default: POSXERO_XERO_WEBHOOK_KEY]")
def practice_xero(host: str, port: int, contacts: int, webhook_url: str, webhook_key: str) -> None:
    """Run Practice Xero, the stand-in to try everything with."""
    settings = Settings.from_env(os.environ)
    options = ["--host", host, "--port", str(port), "--contacts", str(contacts), "--data-dir", str(settings.data_dir)]
    options += ["--webhook-url", webhook_url] if webhook_url else []
    if webhook_key:
        os.environ["POSXERO_XERO_WEBHOOK_KEY"] = webhook_key  # not an argument, which other users of the machine see
    os.execv(sys.executable, [sys.executable, "-m", "posxero.practice", *options])  # noqa: S606 - no shell is wanted


@contextmanager
def _without_collector() -> Iterator[None]:
    """Import without passes of the garbage collector, which find nothing and take a tenth of the time."""
    gc.disable()
    yield
    gc.enable()
