"""After any mix of sales, voids, faults and retries, our ledger and Xero's agree to the cent, one invoice a sale."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.sale import Sale
from posxero.domain.enums import SaleStatus
from posxero.domain.sale_rules import TypedLine
from posxero.services.sales import balances
from tests.support.invoices import INVOICES, SellingShop

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

STEPS = 40
FAULTS = ("drop_before", "drop_after", "500", "503", "429")


class Month:
    """What happens in a shop, drawn from a seed."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.till, self.random = shop, SellingShop(shop), random.Random(seed)
        self.customers: list[Contact] = [shop.customer("Ann Smith"), shop.customer("Ben"), shop.unlinked("Cleo")]

    def step(self) -> None:
        act = self.random.choices((self.charge, self.void, self.break_down, self.push), weights=(6, 2, 3, 4))[0]
        act()

    def charge(self) -> None:
        lines = [
            TypedLine("Socks", f"{self.random.randint(1, 99_999) / 100:.2f}", f"{self.random.randint(1, 30_000)}e-4")
            for _ in range(self.random.randint(1, 4))
        ]
        lines = [TypedLine(one.description, one.price, f"{Decimal(one.quantity):f}") for one in lines]
        whole = [TypedLine("Bag", "1.00"), *(one for one in lines if Decimal(one.quantity) * Decimal(one.price) >= 1)]
        self.till.charge(self.random.choice(self.customers), *whole)

    def void(self) -> None:
        ids = self.shop.session.scalars(select(Sale.id).where(Sale.status == SaleStatus.OPEN)).all()
        self.shop.session.commit()
        if ids:
            self.till.void(self.random.choice(ids))

    def break_down(self) -> None:
        kind, method = self.random.choice(FAULTS), self.random.choice(("PUT", "POST", "GET"))
        self.shop.xero.fault(kind, path=INVOICES, method=method)

    def push(self) -> None:
        self.shop.wait_over()
        self.shop.push()

    def settle(self, redis_url: str) -> None:
        """Let everything that is due be done, with a Xero that answers."""
        self.shop.xero.fault("clear")
        self.shop.forget_limits(redis_url)
        for _ in range(6):
            self.till.pass_time(minutes=6)
            self.shop.push()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_ledgers_agree_after_a_month(shop: Shop, seed: int, redis_url: str) -> None:
    month = Month(shop, seed)
    for _ in range(STEPS):
        month.step()
    month.settle(redis_url)
    sales = {sale.number: sale for sale in shop.session.scalars(select(Sale))}
    held = {invoice["InvoiceNumber"]: invoice for invoice in month.till.held()}
    assert len(sales) > 5
    assert len(held) == len(month.till.held()), "no number twice"
    opened = {number for number, sale in sales.items() if sale.status is SaleStatus.OPEN}
    assert {number for number, invoice in held.items() if invoice["Status"] == "AUTHORISED"} == opened
    assert set(held) <= set(sales)
    for number, invoice in held.items():
        sale = sales[number]
        assert Decimal(str(invoice["Total"])) == sale.total == sale.xero_total, number
        assert Decimal(str(invoice["TotalTax"])) == sale.tax, number
        assert sale.sent_revision == sale.owed_revision, number
    owed = sum((Decimal(str(held[number]["AmountDue"])) for number in opened), Decimal(0))
    assert owed == balances.owes(shop.session, shop.business.id)
