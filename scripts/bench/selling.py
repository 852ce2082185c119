"""How long Charge to account takes to answer, until the invoice is in Xero, and what many sales cost a page."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.sale import Sale
from scripts.bench.measures import Spent, percentiles, table, times
from scripts.bench.saving import MAX_WAIT, WARM_UP_SAVES, XERO_POLL_INTERVAL, import_all
from scripts.bench.shops import DATABASES, browser_of
from tests.support import sales
from tests.support.practice_server import PracticeServer
from tests.support.processes import running
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.bench.shops import Shop, Shops
    from tests.support.browser import Browser

CHARGES = 400
OPENINGS = 60  # of each page
FEW, MANY = 5, 5000  # sales of a customer
CONTACTS = 1000
FORM = {"description-0": "Merino socks", "price-0": "34.00", "quantity-0": "1"}


def measure(shops: Shops) -> None:
    """Print two tables: one till charges while one worker pushes; pages of few sales and of many."""
    charged: list[tuple[str, str]] = []
    opened: list[tuple[str, str]] = []
    for kind in DATABASES:
        with ExitStack() as stack:
            shop = stack.enter_context(shops.open(kind))
            home = Path(stack.enter_context(TemporaryDirectory(prefix="pxbench-")))
            xero = PracticeServer(
                home / "practice.db", contacts=CONTACTS, minute_limit=10**6, day_limit=10**7, concurrent_limit=50
            )
            stack.callback(xero.stop)
            import_all(shop, xero)
            sales.add_sales_settings(shop.session, shop.business, shop.session.scalars(select(Connection)).one())
            environment = shop.environment | xero.environment()
            stack.enter_context(running(home / "worker.log", environment, "worker", "push", says="worker.started"))
            browser = browser_of(shop, **xero.environment())
            answered, had = zip(*list(charge_each(shop, browser, CHARGES + WARM_UP_SAVES))[WARM_UP_SAVES:], strict=True)
            charged += [(f"{kind}: Charge to account is answered", percentiles(answered)[0])]
            charged += [(f"{kind}: Xero has the invoice", percentiles(had)[0])]
            opened += [(f"{kind}: {what}", percentiles(taken)[0]) for what, taken in open_pages(shop, browser)]
    table((f"charge to one of {CONTACTS:,}", "ms p50 / p99"), charged)
    table((f"pages with {MANY:,} sales", "ms p50 / p99"), opened)


def charge_each(shop: Shop, browser: Browser, count: int) -> Iterator[tuple[Spent, Spent]]:
    """Charge one sale after another; yield when each was answered, and when Xero had its invoice."""
    ids = _customers(shop, count)
    dates = {"sold_on": sales.TODAY.isoformat(), "due_on": (sales.TODAY + timedelta(days=24)).isoformat()}
    for number, contact_id in enumerate(ids):
        browser.token()
        began = time.perf_counter()
        answer = browser.submit(f"/customers/{contact_id}/sales/new", FORM | dates | {"idempotency_key": f"k{number}"})
        answered = time.perf_counter() - began
        if answer.status_code != 303:  # noqa: PLR2004 - charged
            raise RuntimeError(answer.get_data(as_text=True))
        sale_id = answer.location.rsplit("/", 1)[1]
        while not _is_in_xero(shop, sale_id):
            if time.perf_counter() - began > MAX_WAIT:
                raise RuntimeError(f"Xero does not have the sale after {MAX_WAIT} s")
            time.sleep(XERO_POLL_INTERVAL)
        yield Spent(answered), Spent(time.perf_counter() - began)


def open_pages(shop: Shop, browser: Browser) -> Iterator[tuple[str, list[Spent]]]:
    """Open the pages of customers with few sales and with many, and the list; yield what each took."""
    few, many = _customers(shop, 2)
    for contact_id, count in ((few, FEW), (many, MANY)):
        _sell_in_bulk(shop, contact_id, count)
    for words, address in (
        (f"a customer with {FEW}", f"/customers/{few}"),
        (f"a customer with {MANY:,}", f"/customers/{many}"),
        (f"a new sale, with {MANY:,} before", f"/customers/{many}/sales/new"),
        ("the list of all", "/sales"),
        ("the list, Not paid", "/sales?status=unpaid"),
        ("the list, Waiting for Xero", "/sales?status=waiting"),
        ("the list, Not sent", "/sales?status=failed"),
        ("the list of one customer", f"/sales?customer={many}"),
    ):
        yield words, times(browser.get, [address] * OPENINGS)


def _customers(shop: Shop, count: int) -> list[UUID]:
    linked = select(Contact.id).join(Link, Link.contact_id == Contact.id).where(Contact.email != "")
    found = list(shop.session.scalars(linked.order_by(Contact.id.desc()).limit(count)))
    shop.session.commit()
    return found


def _is_in_xero(shop: Shop, sale_id: str) -> bool:
    found = shop.session.scalar(select(Sale.xero_id).where(Sale.id == UUID(sale_id)))
    shop.session.commit()
    return found is not None


def _sell_in_bulk(shop: Shop, contact_id: UUID, count: int) -> None:
    """Add sales that Xero has, every seventh of which is not paid."""
    rows = [
        {
            "business_id": shop.business.id,
            "id": new_id(),
            "tenant_id": shop.session.scalars(select(Connection.tenant_id)).one(),
            "xero_id": new_id(),
            "sent_revision": 1,
            "owed_revision": 1,
            "tries": 0,
            "number": f"{contact_id}-{number}",
            "contact_id": contact_id,
            "sold_on": sales.TODAY - timedelta(days=number % 300),
            "due_on": sales.TODAY,
            "currency": "NZD",
            "url": "https://pos.example/sales",
            "total": Decimal(10),
            "tax": Decimal(1),
            "amount_due": Decimal(0 if number % 7 else 10),
            "created_at": LONG_AGO,
            "created_by": "Sam",
        }
        for number in range(count)
    ]
    with writing(shop.session):
        shop.session.execute(insert(Sale), rows)
