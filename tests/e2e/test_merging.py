"""From the list of duplicates to a merge and back, in a real browser, with JavaScript and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import PLAIN, TABLET

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def accessible(page: Page) -> None:
    assert violations(page) == []


@pytest.mark.parametrize("kind", [TABLET, PLAIN], ids=["tablet", "plain"])
def test_duplicates_are_merged_and_taken_apart_again(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    shop.add("Ana Reid", email="ana@x.example", street_line1="1 High St", street_city="Napier")
    shop.add("Anna Read", email="ana@x.example", mobile="021 555 0002", street_line1="2 Low Rd", street_city="Napier")
    page = window(kind, shop, Role.MANAGER)
    hand = Hand(page, touch=kind is TABLET, live=kind is not PLAIN)
    check = accessible if hand.live else (lambda _: None)
    page.goto("/customers")
    hand.press("link", "Duplicates")
    hand.heading("Duplicates")
    check(page)
    page.get_by_role("link", name="Compare and merge Ana Reid and Anna Read").click()
    hand.heading("Merge Anna Read into Ana Reid")
    check(page)
    page.get_by_label("2 Low Rd").check()
    hand.press("button", "Merge")
    hand.heading("Ana Reid")
    expect(page.get_by_text("You can undo this for 30 days.")).to_be_visible()
    expect(page.get_by_text("021 555 0002").first).to_be_visible()
    expect(page.get_by_text("2 Low Rd").first).to_be_visible()
    check(page)
    hand.press("link", "Undo merge of Anna Read")
    hand.heading("Undo the merge of Anna Read?")
    check(page)
    hand.press("button", "Undo merge")
    hand.heading("Anna Read")
    expect(page.get_by_text("Merge undone.")).to_be_visible()
    page.goto("/customers")
    expect(page.get_by_role("link", name="Ana Reid", exact=True)).to_be_visible()
    assert shop.contact("Ana Reid").street_line1 == "1 High St"
