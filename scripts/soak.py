"""Run the simulation of the push for many seeds, and print the schedule of each that fails: `make soak SEEDS=1000`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path

import structlog

from posxero.db.migrate import upgrade
from tests.simulation.run import report
from tests.simulation.site import Site
from tests.support.databases import Cluster, Database
from tests.support.valkey import Server

EVERY = 100  # seeds between two lines about how far it is


def main(arguments: list[str]) -> int:
    """Run the seeds that were asked for; 1 when any fails."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("seeds", type=int, help="how many")
    parser.add_argument("--first", type=int, default=1000, help="the first (1000; `make test` runs those below 200)")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asked = parser.parse_args(arguments)
    structlog.configure(processors=[_drop])
    failed = 0
    with contextlib.ExitStack() as stack:
        site = _open_site(stack, postgresql=asked.postgresql)
        for number, seed in enumerate(range(asked.first, asked.first + asked.seeds), start=1):
            if found := report(site, seed):
                failed += 1
                print(found, flush=True)
            if number % EVERY == 0 or number == asked.seeds:
                print(f"{number} of {asked.seeds} seeds, {failed} failed", flush=True)
    return int(failed > 0)


def _open_site(stack: contextlib.ExitStack, *, postgresql: bool) -> Site:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    if postgresql:
        cluster = Cluster()
        stack.callback(cluster.stop)
        url = cluster.clone()
    else:
        url = f"sqlite:///{folder / 'posxero.db'}"
        upgrade(url)
    server = Server(folder / "valkey")
    stack.callback(server.stop)
    site = Site.open(Database.at(url), server.url, folder)
    stack.callback(site.close)
    return site


def _drop(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
