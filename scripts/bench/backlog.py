"""How long a save takes to reach Xero while thousands of debts of the same organisation wait, and their own pace."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import update

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from scripts.bench.measures import Spent, percentiles, table
from scripts.bench.saving import import_all, save_each
from scripts.bench.shops import DATABASES
from tests.support.practice_server import PracticeServer
from tests.support.processes import running

if TYPE_CHECKING:
    from scripts.bench.shops import Shop, Shops

CONTACTS = 14_000  # some 10,600 of them are imported; when the clock starts, some 7,800 are still owed
BACKLOG_CALLS_PER_MINUTE = 45  # calls a minute of a backlog: 60, less a margin of 5 and the 10 that are kept for people
LIMITS = {"POSXERO_XERO_MINUTE_LIMIT": "60", "POSXERO_XERO_CONCURRENT_LIMIT": "5"}
WARM_UP = 62.0  # seconds: a count of calls that is new starts with half of every limit for a minute
SAVES = 24
SAVE_INTERVAL = 7.5  # seconds between two saves: people's 10 calls a minute suffice, and all take three whole minutes


def measure(shops: Shops) -> None:
    """Print a table for Xero's real limits; each database takes about five minutes."""
    rows = []
    for kind in DATABASES:
        with ExitStack() as stack:
            shop = stack.enter_context(shops.open(kind))
            home = Path(stack.enter_context(TemporaryDirectory(prefix="pxbench-")))
            xero = PracticeServer(home / "practice.db", contacts=CONTACTS, minute_limit=60, day_limit=10**7)
            stack.callback(xero.stop)
            import_all(shop, xero)
            _owe(shop)
            environment = shop.environment | xero.environment() | LIMITS
            stack.enter_context(running(home / "worker.log", environment, "worker", "push", says="worker.started"))
            stack.enter_context(running(home / "scheduler.log", environment, "scheduler", says="scheduler.started"))
            time.sleep(WARM_UP)
            xero.clear_calls()
            had = [reached for _, reached in save_each(shop, xero, SAVES, every=SAVE_INTERVAL)]
            calls = [call["at"] for call in xero.calls("/api.xro", "POST") if len(call["elements"]) > 1]
            rows += _rows(kind, had, sorted(calls))
    table(("save beside a backlog", "", "aim"), rows)


def _owe(shop: Shop) -> None:
    """Owe Xero thousands of contacts, as a bulk *Send ours* does."""
    owed = update(Link).where(Link.xero_id.is_not(None))
    with writing(shop.session):
        shop.session.execute(update(Contact).values(revision=Contact.revision + 1, first_name="Bulk"))
        shop.session.execute(owed.values(owed_revision=Link.owed_revision + 1, owed_at=datetime.now(UTC)))


def _rows(kind: str, had: list[Spent], calls: list[int]) -> list[tuple[str, str, str]]:
    return [
        (f"{kind}: Xero has the save, ms p50 / p99", percentiles(had)[0], "2,000"),
        (
            f"{kind}: calls of the backlog a minute",
            f"{_pace(calls):.1f}",
            f"{BACKLOG_CALLS_PER_MINUTE * 0.95:.1f} to {BACKLOG_CALLS_PER_MINUTE}",
        ),
    ]


def _pace(calls: list[int]) -> float:
    """Return how many calls a minute, from the milliseconds of each.

    They come in bursts, as the minute before lets them: how many fall into a span depends on where it begins. How
    long it takes from each call to the 45th after it does not.
    """
    spans = [later - call for call, later in zip(calls, calls[BACKLOG_CALLS_PER_MINUTE:], strict=False)]
    return BACKLOG_CALLS_PER_MINUTE * 60_000 / mean(spans)
