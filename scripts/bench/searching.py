"""How long a keystroke in the search field takes: in the search itself, and in the whole request."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import bindparam, func, select

from posxero.db.contact import Contact
from posxero.domain.kinds import ContactKind
from posxero.domain.phone_numbers import digits
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.services.sync_status.connection_status import load_connection_status
from scripts.bench.measures import percentiles, table, times
from scripts.bench.shelves import fill
from scripts.bench.shops import DATABASES, browser_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.bench.shops import Shop, Shops
    from tests.support.browser import Browser

QUESTIONS_PER_KIND = 200  # questions of a kind
WARM_UP_QUESTIONS = 20  # questions before the clock counts
FLOOR = ["smith"] * QUESTIONS_PER_KIND


def measure(shops: Shops, contacts: int, businesses: int) -> None:
    """Print a table of p50 and p99 for each kind of question on each database."""
    rows: list[tuple[str, ...]] = []
    for kind in DATABASES:
        with shops.open(kind) as shop:
            fill(shop, contacts, businesses)
            rows += _rows(shop)
    head = f"search {contacts:,} in {businesses * contacts:,} rows"
    table((head, "search ms p50 / p99", "its CPU here", "request ms p50 / p99", "its CPU here"), rows)


def _rows(shop: Shop) -> Iterator[tuple[str, ...]]:
    asked, client = questions(shop), browser_of(shop)
    find, get = _find(shop), _get(client)
    gc.collect()
    gc.freeze()
    scan, page = times(_scan(shop), FLOOR), times(lambda _: client.get("/healthz"), FLOOR)
    yield f"{shop.kind}: floor, one scan of the index; an empty page", *percentiles(scan), *percentiles(page)
    for name, typed in asked.items():
        for one in typed[:WARM_UP_QUESTIONS]:
            find(one)
            get(one)
        yield f"{shop.kind}: {name}", *percentiles(times(find, typed)), *percentiles(times(get, typed))
    gc.unfreeze()


def questions(shop: Shop) -> dict[str, list[str]]:
    """Think of what people type, from the customers there are."""
    random = Random(1)  # noqa: S311 - the same questions every time
    found = select(Contact.name, Contact.email, Contact.mobile).where(Contact.business_id == shop.business.id)
    rows = shop.session.execute(found.where(Contact.email != "", Contact.mobile != "").limit(2000)).all()
    shop.session.commit()
    chosen = [random.choice(rows) for _ in range(QUESTIONS_PER_KIND)]
    return {
        "one letter": [name[:1] for name, _, _ in chosen],
        "name": [name[: random.randrange(3, 8)] for name, _, _ in chosen],
        "two words": [" ".join(word[:4] for word in reversed(name.split()[:2])) for name, _, _ in chosen],
        "email": [email[: random.randrange(6, 14)] for _, email, _ in chosen],
        "phone": [digits(mobile)[-6:] for _, _, mobile in chosen],
        "no match": [f"qx{random.randrange(1000)}zj" for _ in chosen],
    }


def _scan(shop: Shop) -> Callable[[str], object]:
    """Return the least that a search must do when a name does not begin so: look at every contact once."""
    like = Contact.search_text.like(bindparam("typed"))
    counted = select(func.count()).where(Contact.business_id == shop.business.id, like)

    def scan(typed: str) -> object:
        found = shop.session.scalar(counted, {"typed": f"%{typed}%"})
        shop.session.commit()
        return found

    return scan


def _find(shop: Shop) -> Callable[[str], object]:
    where = load_connection_status(shop.session, shop.business.id)
    now = datetime.now(UTC)

    def find(typed: str) -> object:
        found = results.find(shop.session, shop.business.id, ListQuery(ContactKind.CUSTOMER, typed), where, now)
        shop.session.commit()
        return found

    return find


def _get(client: Browser) -> Callable[[str], object]:
    """Return the request of a keystroke, as htmx sends it."""

    def get(typed: str) -> object:
        answer = client.part(f"/customers?q={quote(typed)}", "div#results")
        if answer.status_code != 200:  # noqa: PLR2004 - 200 is good
            raise RuntimeError(answer.get_data(as_text=True))
        return answer

    return get
