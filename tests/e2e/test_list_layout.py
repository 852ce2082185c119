"""The list fits many rows, the sidebar gives way to it, and nothing of an email is broken in mid-word."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.windows import DESKTOP, PHONE, PLAIN, TABLET

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

WHOLE_ROWS = "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
HEIGHTS = "rows => rows.map(row => row.getBoundingClientRect().height)"
MIDDLES = "all => all.map(one => one.getBoundingClientRect()).map(box => box.top + box.height / 2)"
WIDTH = "one => one.getBoundingClientRect().width"
# The lines of an element's text, as the browser has broken them.
LINES = """element => {
  const range = document.createRange(), lines = new Map();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) [...walker.currentNode.data].forEach((char, at) => {
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + 1);
    const top = Math.round(range.getBoundingClientRect().top);
    lines.set(top, (lines.get(top) ?? "") + char);
  });
  return [...lines.values()];
}"""

# How wide a select is that sizes itself by its longest choice.
LONGEST_CHOICE = """select => {
  const copy = select.cloneNode(true);
  copy.style.inlineSize = "max-content";
  copy.style.position = "absolute";
  select.after(copy);
  const width = copy.getBoundingClientRect().width;
  copy.remove();
  return width;
}"""


@pytest.mark.parametrize("kind", [DESKTOP, PLAIN], ids=["live", "plain"])
def test_twelve_customers_are_seen_at_once(stocked: LiveShop, window: Window, kind: dict[str, object]) -> None:
    page = window(kind, stocked, Role.OWNER)
    page.goto("/customers")
    expect(page.get_by_text("Edit customers here, not in Xero")).to_be_visible()
    rows = page.locator(".rows tbody tr")
    assert rows.evaluate_all(WHOLE_ROWS) >= 12
    assert set(rows.evaluate_all(HEIGHTS)) == {48}
    middles = page.locator("#q, #sync, #sort, #count").evaluate_all(MIDDLES)
    assert max(middles) - min(middles) <= 2, "search, status, count and order stand in one row"
    for select in page.locator("#sync, #sort").all():
        room = select.bounding_box()
        assert room is not None
        assert room["width"] >= select.evaluate(LONGEST_CHOICE), "no choice is cut"


def test_below_1000_pixels_the_sidebar_is_a_rail_whose_names_are_read_and_shown_on_focus(
    shop: LiveShop, window: Window
) -> None:
    page = window(TABLET, shop, Role.OWNER)
    page.goto("/customers")
    side, settings = page.locator("header.sidebar"), page.get_by_role("link", name="Settings", exact=True)
    for width, rail in ((820, True), (999, True), (1000, False), (1180, False)):
        page.set_viewport_size({"width": width, "height": 820})
        assert side.evaluate(WIDTH) == (64 if rail else 240), width
    page.set_viewport_size({"width": 820, "height": 820})
    words = settings.locator("span").first
    assert words.evaluate(WIDTH) < 30
    settings.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(settings).to_be_focused()
    assert words.evaluate(WIDTH) > 50
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_text("Retail POS", exact=True).evaluate(WIDTH) > 50, "a page without a sidebar keeps the name"


def test_tabs_scroll_sideways_on_a_phone(shop: LiveShop, window: Window) -> None:
    page = window(PHONE, shop, Role.OWNER)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/settings/security")
    tabs = page.locator("nav.tabs")
    tops = tabs.locator("a").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(set(tops)) == 1, "the tabs stand in one line"
    assert tabs.evaluate("one => one.scrollWidth > one.clientWidth")
    expect(tabs.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)


def test_an_email_is_only_broken_at_its_signs(shop: LiveShop, window: Window) -> None:
    ann = shop.add("Ann Smith", email="fernandez.roofing.limited@farmsupplies.wholesale.example")
    page = window(DESKTOP, shop, Role.OWNER)
    for path, place in (("/customers", "td.email span"), (f"/customers/{ann.id}", "dd.email a")):
        page.goto(path)
        for width in (320, 390, 820, 1180, 1440):
            page.set_viewport_size({"width": width, "height": 820})
            lines = page.locator(place).evaluate(LINES)
            assert "".join(lines) == ann.email, width
            assert all(before[-1] == "@" or after[0] == "." for before, after in pairwise(lines)), (width, lines)


def test_sorting_keeps_what_was_typed_and_typing_keeps_the_order(shop: LiveShop, window: Window) -> None:
    for name in ("Ann Zorn", "Bob", "Ann Ames"):
        shop.add(name)
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto("/customers")
    page.get_by_label("Search customers").press_sequentially("ann")
    expect(page.locator("#count")).to_have_text("2 customers matching “ann”")
    page.get_by_label("Sort").select_option("Newest first")
    expect(page).to_have_url(f"{shop.url}/customers?q=ann&sort=newest")
    names = page.locator(".row-link")
    expect(names).to_have_text(["Ann Ames", "Ann Zorn"])
    page.get_by_label("Search customers").fill("")
    expect(names).to_have_text(["Ann Ames", "Bob", "Ann Zorn"])
    expect(page).to_have_url(f"{shop.url}/customers?sort=newest")
    page.get_by_label("Sort").select_option("By name")
    expect(names).to_have_text(["Ann Ames", "Ann Zorn", "Bob"])
