"""The calls of a day stay within the tier of a shop of 10,000 customers with 500 edits a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from posxero.db.base import new_id
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import LinkState
from posxero.domain.poll_interval import is_scarce, poll_interval
from posxero.services.drift import changes
from posxero.services.drift.pages import MAX_PAGE_SIZE
from posxero.services.push.kinds.notes import notes_of_a_day
from posxero.xero.client import MAX_IDS
from posxero.xero.shapes import Contact as XeroContact
from tests.support.invoices import SellingShop
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posxero.services.drift.checks import ClaimedCheck
    from posxero.settings import Settings
    from tests.support.drifting import DriftShop

CUSTOMERS, EDITS, EDITS_IN_XERO = 10_000, 500, 100
SALES, PAYMENTS, OPEN_INVOICES = 200, 100, 2000  # of a shop that also sells on account
DAY = timedelta(days=1)


def calls_of(shop: DriftShop, act: Callable[[], object]) -> int:
    shop.xero.clear_calls()
    act()
    return len(shop.xero.calls("/api.xro"))


def polls_of_a_day(settings: Settings, day_limit: int, others: int) -> int:
    """Count the polls of a day in which the other calls are spread evenly."""
    at, polls = timedelta(0), 0
    while at < DAY:
        polls += 1
        used = polls + int(others * (at / DAY))
        timings = settings.timings
        at += poll_interval(timings.poll, timings.poll_where_scarce, day_limit=day_limit, used_today=used)
    return polls


@pytest.mark.slow
def test_the_parts_of_a_day_add_up_to_less_than_each_tier_allows(shop: DriftShop, drift_settings: Settings) -> None:
    """The cost of each part is measured."""
    ann, bob = shop.customer("Ann Smith"), shop.customer("Bob Lee")

    def save() -> None:
        shop.edit(ann, email="ours@shop.example")
        shop.push()

    def echo() -> None:
        shop.hear(shop.theirs(ann), at=datetime.fromisoformat(XeroCopy.from_json(shop.link(ann).copy).updated_at))
        shop.read()

    def edit_in_xero() -> None:
        shop.xero.edit(shop.theirs(bob), EmailAddress="theirs@shop.example")
        shop.hear(shop.theirs(bob))
        shop.read()

    def noted() -> None:
        with writing(shop.session):
            shop.session.execute(update(Connection).values(history_notes=True))
        shop.edit(ann, email="noted@shop.example")
        for _ in range(3):
            shop.push()

    push, read = calls_of(shop, save), calls_of(shop, edit_in_xero)
    poll, page = calls_of(shop, shop.poll), calls_of(shop, shop.walk)
    assert (push, calls_of(shop, echo), read, poll, page) == (1, 0, 1, 1, 1)
    note = calls_of(shop, noted) - push
    assert note == 1
    walk = page * ceil(CUSTOMERS / MAX_PAGE_SIZE)
    others = EDITS * push + EDITS_IN_XERO * read + walk
    for day_limit in (1000, 5000):
        total = others + poll * polls_of_a_day(drift_settings, day_limit, others)
        notes = notes_of_a_day(day_limit) or EDITS
        assert total + notes * note < day_limit * 9 // 10  # the last tenth is for people alone


@pytest.mark.slow
def test_sales_and_payments_of_a_day_stay_within_the_tier_too(shop: DriftShop, drift_settings: Settings) -> None:
    """A sale is two calls and its customer's, a payment is none of its own: the poll reads all that changed in one."""
    till = SellingShop(shop)
    ann, bob = shop.customer("Ann Smith"), shop.customer("Bob Lee")
    shop.sweep()

    def poll() -> None:
        shop.run(DriftKind.INVOICES)

    poll()
    sales = [till.charge(contact) for contact in (ann, bob)]
    sale = calls_of(shop, shop.push) - 1  # both customers are one call
    assert (sale, calls_of(shop, poll)) == (len(sales), 2)
    for sale_id in sales:
        shop.xero.pay(till.sale(sale_id).xero_id)
    assert (calls_of(shop, poll), calls_of(shop, poll)) == (2, 1)
    assert [till.sale(sale_id).amount_due for sale_id in sales] == [0, 0]
    walk = calls_of(shop, lambda: shop.run(DriftKind.OPEN_INVOICES)) * ceil(OPEN_INVOICES / MAX_PAGE_SIZE)
    balances = 2 * ceil((SALES + PAYMENTS) / MAX_IDS)  # of customers whose polls do not coincide: twice as many
    others = EDITS + EDITS_IN_XERO + SALES + balances + walk + ceil(CUSTOMERS / MAX_PAGE_SIZE)
    for day_limit in (1000, 5000):
        polls = 2 * polls_of_a_day(drift_settings, day_limit, others)
        edits = EDITS if is_scarce(day_limit) else 0  # such a shop has a sale or an edit, not both
        assert others - edits + polls < day_limit * 9 // 10


def name_of(xero_id: UUID) -> str:
    return f"Customer {xero_id.int}"


def link_many(shop: DriftShop, count: int) -> list[UUID]:
    """Add so many linked customers, at once."""
    ids = [UUID(int=number) for number in range(1, count + 1)]
    of_business = {"business_id": shop.business.id}
    contacts: list[dict[str, Any]] = [
        {**of_business, "id": new_id(), "name": name_of(xero_id), "created_at": LONG_AGO, "updated_at": LONG_AGO}
        for xero_id in ids
    ]
    links = [
        {**of_business, "id": new_id(), "contact_id": contact["id"], "tenant_id": shop.connection.tenant_id}
        | {"xero_id": xero_id, "copy": {"values": {"name": contact["name"]}}, "linked_at": LONG_AGO}
        | {"sent_revision": 1, "owed_revision": 1, "state": LinkState.ACTIVE}
        for contact, xero_id in zip(contacts, ids, strict=True)
    ]
    with writing(shop.session):
        shop.session.execute(insert(Contact), contacts)
        shop.session.execute(insert(Link), links)
        if shop.session.get_bind().dialect.name == "postgresql":
            shop.session.execute(text("ANALYZE"))  # as autovacuum would do in time
    return ids


@pytest.mark.slow
def test_ten_thousand_events_are_at_most_250_reads(shop: DriftShop, monkeypatch: pytest.MonkeyPatch) -> None:
    ids, reads = link_many(shop, CUSTOMERS), list[int]()

    def look_up(_check: ClaimedCheck, asked: Sequence[UUID]) -> dict[UUID, XeroContact]:
        reads.append(len(asked))
        return {xero_id: XeroContact(contact_id=xero_id, name=name_of(xero_id)) for xero_id in asked}

    monkeypatch.setattr(changes, "look_up", look_up)
    assert shop.hear(*ids) == CUSTOMERS
    while shop.read():
        pass
    assert (len(reads) <= 250, sum(reads), shop.waiting()) == (True, CUSTOMERS, 0)
