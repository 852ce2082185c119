"""Groups, tags, saved filters and archiving from the list, as a manager walks through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.windows import DESKTOP, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def is_accessible(page: Page) -> bool:
    assert violations(page) == []
    return True


@pytest.mark.parametrize("kind", [DESKTOP, PLAIN], ids=["live", "plain"])
def test_a_manager_sorts_tags_saves_and_archives(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    for name in ("Ann Ames", "Ann Best", "Bob"):
        shop.add(name)
    page, is_live = window(kind, shop, Role.MANAGER), kind is not PLAIN
    page.goto("/settings/labels")
    page.get_by_label("New tag").fill("VIP")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tag VIP added.")).to_be_visible()
    assert not is_live or is_accessible(page)
    page.goto("/customers?q=ann")
    page.get_by_role("link", name="Change 2 customers…").click()
    page.get_by_label("What to do").select_option("VIP")
    assert not is_live or is_accessible(page)
    page.get_by_role("button", name="Change 2 customers").click()
    expect(page.get_by_text("Tag VIP added to 2 customers.")).to_be_visible()
    page.get_by_role("link", name="Select customers").click()
    page.get_by_label("Ann Best").focus()
    page.keyboard.press("Space")
    page.locator(".rows tr", has_text="Ann Ames").click()
    assert not is_live or is_accessible(page)
    page.get_by_role("button", name="Change…").click()
    expect(page.get_by_text("Ann Ames, Ann Best.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Tag", exact=True).select_option("VIP")
    page.get_by_label("Sort").select_option("Newest first")
    if not is_live:
        page.get_by_role("button", name="Search").click()
    expect(page.locator(".row-link")).to_have_text(["Ann Best", "Ann Ames"])
    page.get_by_role("link", name="Save this filter").click()
    page.get_by_label("Name").fill("Best customers")
    page.get_by_role("button", name="Save filter").click()
    expect(page.get_by_role("link", name="Best customers")).to_have_attribute("aria-current", "true")
    more = page.get_by_role("button", name="More for Ann Best")
    more.focus()
    page.keyboard.press("Enter")
    assert not is_live or is_accessible(page)
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.locator(".row-link")).to_have_text(["Ann Ames"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 customer restored.")).to_be_visible()
    assert shop.contact("Ann Best").archived_at is None
