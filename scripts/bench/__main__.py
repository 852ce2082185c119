"""Measure and print. ``python -m scripts.bench import search save``; without names, all of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scripts.bench import backlog, filing, importing, polling, saving, searching, selling, webhooks
from scripts.bench.shops import Shops, shops

if TYPE_CHECKING:
    from collections.abc import Collection

PARTS = ("import", "csv", "search", "save", "sales", "backlog", "webhook", "poll")


def main() -> None:
    """Measure the parts that are named."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--contacts", type=int, nargs="*", default=[10_000, 100_000], help="of one business")
    parser.add_argument("--businesses", type=int, default=10, help="beside each other in the tables of a search")
    asked = parser.parse_args()
    wanted = asked.parts or PARTS
    with shops() as places:
        for contacts in asked.contacts:
            _measure_of_size(places, wanted, contacts, asked.businesses if contacts == asked.contacts[0] else 1)
        if "save" in wanted:
            saving.measure(places, asked.contacts[0])
        if "sales" in wanted:
            selling.measure(places)
        if "backlog" in wanted:
            backlog.measure(places)
        if "webhook" in wanted:
            webhooks.measure(places)
        if "poll" in wanted:
            polling.measure(places)


def _measure_of_size(places: Shops, wanted: Collection[str], contacts: int, businesses: int) -> None:
    """Measure the parts whose work grows with the number of contacts."""
    if "import" in wanted:
        importing.measure(places, contacts)
        importing.measure_waiting(places, contacts)
    if "csv" in wanted:
        filing.measure(places, contacts)
    if "search" in wanted:
        searching.measure(places, contacts, businesses)


main()
