"""How long Xero waits for the answer to a webhook: with Redis away, and while another process commits all the time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from posxero.app import create_app
from scripts.bench.measures import Spent, percentiles, table
from scripts.bench.shops import DATABASES, be_quiet
from tests.support import factories, people
from tests.support.browser import Browser
from tests.support.committer import committing
from tests.support.webhooks import KEY, body_of, deliver, event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.bench.shops import Shop, Shops

DELIVERIES = 200
WARM_UP_DELIVERIES = 10  # before the clock counts
FULL = 10_000  # events of the largest delivery
NOBODY = "redis://127.0.0.1:1/0"  # a Redis that is away


def measure(shops: Shops) -> None:
    """Print a table: one event a delivery, then one delivery of 10,000."""
    rows = []
    for kind in DATABASES:
        with shops.open(kind) as shop:
            other = people.open_shop(shop.session, "Rata Books")
            tenant_id = factories.add_connection(shop.session, shop.business).tenant_id
            browser = browser_of(shop)
            rows.append((f"{kind}: Redis away", *percentiles(list(answers(browser, tenant_id)))))
            with committing(shop.session, shop.environment["POSXERO_DATABASE_URL"], other.id):
                taken = list(answers(browser, tenant_id))
            rows.append((f"{kind}: another process commits every 10 ms", *percentiles(taken)))
            rows.append((f"{kind}: {FULL:,} events", *percentiles(list(answers(browser, tenant_id, FULL, times=1)))))
    table(("a webhook is answered", "ms p50 / p99", "own CPU"), rows)


def browser_of(shop: Shop) -> Browser:
    """Build the app of a shop whose Redis is away."""
    app = create_app(shop.settings(POSXERO_REDIS_URL=NOBODY, POSXERO_XERO_WEBHOOK_KEY=KEY))
    be_quiet()  # building it set up its logs
    return Browser(app)


def answers(browser: Browser, tenant_id: object, events: int = 1, *, times: int = DELIVERIES) -> Iterator[Spent]:
    """Deliver again and again; yield how long each answer took."""
    for number in range(-WARM_UP_DELIVERIES if times == DELIVERIES else 0, times):
        body = body_of(event(tenant_id, uuid4()) for _ in range(events))
        wall, cpu = time.perf_counter(), time.process_time()
        answer = deliver(browser, body)
        taken = Spent(time.perf_counter() - wall, time.process_time() - cpu)
        if answer.status_code != 200:  # noqa: PLR2004 - accepted
            raise RuntimeError(answer.status)
        if number >= 0:
            yield taken
