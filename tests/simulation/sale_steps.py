"""The steps of a schedule that are about sales on account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.sales import MOST_SALES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.simulation.world import World

MOST_CUSTOMERS: Final = 5


def charge(world: World, customer: int, number: int) -> None:
    """Charge a sale to a customer who is linked already."""
    if world.engine.pushes_sales and len(world.book.sales) < MOST_SALES:
        customers = world.shop.customers
        world.book.charge(customers[customer % len(customers)], 1999 + number, number=number)


def charge_new(world: World, number: int) -> None:
    """Add a customer without a link, and charge a sale: Xero is searched, then the customer is created there."""
    shop = world.shop
    if world.engine.pushes_sales and len(shop.customers) < MOST_CUSTOMERS and len(world.book.sales) < MOST_SALES:
        contact_id = shop.add_unlinked(f"Walk-in {number}", f"w{number}@shop.example")
        world.book.charge(contact_id, 4550 + number, number=number)
        if not world.book.has_link(contact_id):  # nothing could be charged
            shop.link(contact_id)


def void(world: World, sale: int) -> None:
    """Void a sale here."""
    if sales := world.book.sales:
        world.book.void(sales[sale % len(sales)])


def pay(world: World, sale: int, how: int) -> None:
    """Let somebody record a payment or a credit in Xero: of all, or of a dollar."""
    if sales := world.book.sales:
        world.book.settle_in_xero(sales[sale % len(sales)], is_credit=bool(how & 1), is_whole=bool(how & 2))


def check_invoices(world: World) -> None:
    """Let the poll of invoices be due."""
    if world.book.sales:
        world.book.poll()
        world.sweep()


SALE_ACTIONS: Final[Mapping[str, Callable[..., None]]] = {
    "charge": charge,
    "charge_new": charge_new,
    "void": void,
    "pay": pay,
    "check_invoices": check_invoices,
}
