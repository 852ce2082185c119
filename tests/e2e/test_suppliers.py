"""A supplier is brought in, edited, cured and unlinked as a customer is, in words of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

NAME = "Thread & Needle Ltd"


def test_a_supplier_is_imported_edited_and_cured(shop: LiveShop, window: Callable[..., Page]) -> None:
    shop.xero.add(Name=NAME, IsSupplier=True, IsCustomer=False, EmailAddress="old@thread.example")
    shop.connect()
    page = window(DESKTOP, shop, Role.MANAGER)
    hand = Hand(page)
    page.goto("/suppliers")
    hand.press("button", "Import Suppliers")
    hand.press("link", "Import from Xero")
    expect(page.get_by_label("Import suppliers")).to_be_checked()
    assert violations(page) == []
    hand.press("button", "Import from Xero")
    hand.sees(page.get_by_text("Import finished in"))
    page.goto("/suppliers?q=thread")
    hand.press("link", NAME)
    hand.heading(NAME)
    hand.press("link", "Edit Supplier")
    page.get_by_label("Email").fill("new@thread.example")
    hand.press("button", "Save Supplier")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    supplier = shop.contact(NAME)
    assert (supplier.is_customer, supplier.is_supplier) == (False, True)
    assert shop.held(supplier)["EmailAddress"] == "new@thread.example"
    assert violations(page) == []
    shop.xero.act(shop.held(supplier)["ContactID"], "archive")
    hand.press("link", "Edit Supplier")
    page.get_by_label("Email").fill("after@thread.example")
    hand.press("button", "Save Supplier")
    hand.sees(page.locator(".badge").get_by_text("Archived in Xero", exact=True))
    shop.xero.act(shop.held(supplier)["ContactID"], "restore")
    hand.press("button", "Try again")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    assert shop.held(supplier)["EmailAddress"] == "after@thread.example"
