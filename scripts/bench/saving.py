"""How long Save Customer takes to answer, and how long until Xero has it."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx2
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.columns import values_of
from scripts.bench.measures import Spent, percentiles, table, times
from scripts.bench.shops import DATABASES, browser_of
from tests.support import factories, importing
from tests.support.fakes import open_ports
from tests.support.practice_server import PracticeServer
from tests.support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.bench.shops import Shop, Shops

SAVES = 100
WARM_UP_SAVES = 5  # saves before the clock counts
XERO_POLL_INTERVAL = 0.003  # seconds
MAX_WAIT = 30  # seconds until Xero must have a save


def measure(shops: Shops, contacts: int) -> None:
    """Print a table: one person saves, one worker pushes, Practice Xero answers at once."""
    rows = []
    for kind in DATABASES:
        with ExitStack() as stack:
            shop = stack.enter_context(shops.open(kind))
            home = Path(stack.enter_context(TemporaryDirectory(prefix="pxbench-")))
            xero = PracticeServer(
                home / "practice.db", contacts=contacts, minute_limit=10**6, day_limit=10**7, concurrent_limit=50
            )
            stack.callback(xero.stop)
            import_all(shop, xero)
            environment = shop.environment | xero.environment()
            stack.enter_context(running(home / "worker.log", environment, "worker", "push", says="worker.started"))
            address = f"/practice/contacts/{xero.contacts()[0]['ContactID']}"
            with httpx2.Client(base_url=xero.url) as http:  # over a socket, as our calls go
                floor = times(http.get, [address] * SAVES)
            rows += [(f"{kind}: floor, one question to Practice Xero", percentiles(floor)[0])]
            answered, had = zip(*list(save_each(shop, xero, SAVES + WARM_UP_SAVES))[WARM_UP_SAVES:], strict=True)
            rows += [(f"{kind}: Save Customer is answered", percentiles(answered)[0])]
            rows += [(f"{kind}: Xero has it", percentiles(had)[0])]
    table((f"save one of {contacts:,}", "ms p50 / p99"), rows)


def import_all(shop: Shop, xero: PracticeServer) -> None:
    """Connect a shop and import what Practice Xero holds."""
    ports, hints = open_ports(shop.settings(**xero.environment()))
    factories.add_practice_connection(shop.session, shop.business, xero, ports.vault)
    importer = importing.Importer(shop.session, shop.business, ports, hints)
    importer.finish(importer.start())
    ports.http.close()


def save_each(shop: Shop, xero: PracticeServer, count: int, *, every: float = 0) -> Iterator[tuple[Spent, Spent]]:
    """Save one customer after another; yield when each save was answered, and when Xero had it.

    Args:
        every: Seconds from one save to the next.
    """
    browser = browser_of(shop, **xero.environment())
    linked = select(Contact, Link.xero_id).join(Link, Link.contact_id == Contact.id)
    rows = shop.session.execute(linked.where(Contact.email != "").limit(count)).all()
    shop.session.commit()
    for number, (contact, xero_id) in enumerate(rows):
        fields = values_of(contact) | {"first_name": f"Ann {number}", "version": "1"}
        browser.token()
        began = time.perf_counter()
        answer = browser.submit(f"/customers/{contact.id}/edit", fields)
        answered = time.perf_counter() - began
        if answer.status_code != 303:  # noqa: PLR2004 - saved
            raise RuntimeError(answer.get_data(as_text=True))
        while xero.contact(xero_id).get("FirstName") != f"Ann {number}":
            if time.perf_counter() - began > MAX_WAIT:
                raise RuntimeError(f"Xero does not have the save after {MAX_WAIT} s")
            time.sleep(XERO_POLL_INTERVAL)
        yield Spent(answered), Spent(time.perf_counter() - began)
        time.sleep(max(0, every - (time.perf_counter() - began)))
