"""Looking first, undoing, repeating and excluding in a real browser, with and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

LONG = "7" * 60  # longer than any company number here


def open_hand(shop: LiveShop, window: Window, kind: dict[str, Any]) -> Hand:
    shop.connect()
    page = window(kind, shop, Role.MANAGER)
    page.goto("/imports/new")
    return Hand(page, live="java_script_enabled" not in kind)


def test_looking_first_changes_nothing_and_one_button_imports(
    shop: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    hand = open_hand(shop, window, kind)
    hand.press("button", "Preview")
    hand.sees(hand.page.get_by_text("Nothing was changed"))
    assert shop.names() == []
    hand.page.get_by_role("link", name="would be added").click()
    expect(hand.page.get_by_role("heading", name="Would be added")).to_be_visible()
    hand.press("button", "Import from Xero")
    hand.sees(hand.page.get_by_text("Import finished in"))
    assert len(shop.names()) > 10


def test_an_import_is_undone(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    hand = open_hand(shop, window, kind)
    hand.press("button", "Import from Xero")
    hand.sees(hand.page.get_by_text("Import finished in"))
    assert len(shop.names()) > 10
    hand.press("link", "Undo this import")
    hand.heading("Undo this import?")
    expect(hand.page.get_by_role("main")).to_contain_text("that this import added will be removed.")
    hand.press("link", "Keep everything")
    hand.press("link", "Undo this import")
    hand.press("button", "Undo this import")
    hand.sees(hand.page.get_by_text("This import was undone"))
    assert shop.names() == []


def test_refused_ones_are_imported_again_and_one_never(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    for name in ("Ann Long", "Bo Long"):
        shop.xero.add(Name=name, CompanyNumber=LONG, IsCustomer=True)
    hand = open_hand(shop, window, kind)
    hand.press("button", "Import from Xero")
    hand.sees(hand.page.get_by_text("Import finished in"))
    shop.xero.edit(shop.xero.named("Bo Long")["ContactID"], CompanyNumber="77")
    row = hand.page.get_by_role("row").filter(has_text="Ann Long")
    row.get_by_role("button", name="Never import this one").click()
    expect(hand.page.get_by_role("row").filter(has_text="Ann Long")).to_contain_text("Never imported")
    hand.press("button", "Import these again")
    hand.sees(hand.page.get_by_text("2 contacts read from"))
    assert "Bo Long" in shop.names()
    assert "Ann Long" not in shop.names()
    hand.page.goto("/imports/never")
    hand.page.get_by_role("button", name="Allow again").click()
    expect(hand.page.get_by_role("main")).to_contain_text("Every contact may be imported")
