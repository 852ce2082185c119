"""Sync activity in a real browser: a refusal is read, its cause removed, and it is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.db.contact import Link
from posxero.domain.enums import LinkState, Role
from posxero.services.owed import OWED
from tests.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def parked(shop: LiveShop) -> int:
    shop.session.rollback()
    return shop.session.query(Link).where(Link.state == LinkState.PARKED).count()


def owed(shop: LiveShop) -> int:
    shop.session.rollback()
    return shop.session.query(Link).where(OWED).count()


def test_a_refusal_is_cured_on_the_spot(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    taken = stocked.xero.add(Name="Taken Ltd")
    page = window(kind, stocked, Role.OWNER)
    page.goto("/customers")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_label("Name", exact=False).first.fill("Taken Ltd")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken Ltd")
    until(lambda: parked(stocked), "Xero has refused it")
    page.goto("/sync")
    row = page.get_by_role("row").filter(has_text="Taken Ltd")
    expect(row).to_contain_text("Not sent")
    expect(row).to_contain_text("Another contact in Xero is called Taken Ltd.")
    row.get_by_text("Xero's response").click()
    expect(row).to_contain_text("already assigned to another contact")
    stocked.xero.edit(taken["ContactID"], Name="Taken no more")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing needs attention")).to_be_visible()
    until(lambda: not owed(stocked), "Xero has it")
    page.goto("/sync?state=done")
    expect(page.get_by_role("row").filter(has_text="Taken Ltd")).to_contain_text("Sent to Xero")
