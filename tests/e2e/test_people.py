"""Users, the notice of the first visit, and what roles do not see, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop
    from tests.e2e.windows import Watch

    Window = Callable[..., Page]

WORDS = "four words not guessed"


def test_the_owner_adds_changes_and_removes_a_person(
    shop: LiveShop, window: Window, kind: dict[str, Any], watch: Watch
) -> None:
    watch.expect("status of 403")
    page = window(kind, shop, Role.OWNER)
    hand = Hand(page)
    page.goto("/settings/users")
    hand.press("link", "Add user")
    hand.press("button", "Add user")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Name").fill("Ria")
    page.get_by_label("Role").select_option(label="Staff")
    hand.press("button", "Add user")
    hand.heading("Invitation for Ria")
    link = page.get_by_label("Link").input_value()
    ria = join(window(DESKTOP, shop), link, shop.business.name)
    hand.press("link", "Done")
    expect(ria.get_by_role("button", name="Import Customers")).to_have_count(0)
    ria.goto("/imports/new")
    expect(ria.get_by_role("main")).to_contain_text("Ask an owner or a manager.")
    page.get_by_role("link", name="Change Ria").click()
    page.get_by_label("Role").select_option(label="Manager")
    hand.press("button", "Save user")
    expect(page.get_by_text("Ria was changed.")).to_be_visible()
    ria.goto("/imports/new")
    Hand(ria).sign_in("ria@shop.example", WORDS)  # whose role changes is signed out
    Hand(ria).heading("Import from Xero")
    page.get_by_role("link", name="Remove… Ria").click()
    hand.heading("Remove Ria?")
    hand.press("button", "Remove Ria")
    expect(page.get_by_text("Ria was removed.")).to_be_visible()
    ria.goto("/customers")
    expect(ria).to_have_title("Sign in · Retail POS")


def join(ria: Page, link: str, business: str) -> Page:
    """Open the link of an invitation, choose an email and a password, and arrive at the customers."""
    ria.goto(link)
    ria.get_by_label("Email").fill("ria")
    ria.get_by_label("Password", exact=True).fill(WORDS)
    Hand(ria).press("button", f"Join {business}")
    expect(ria.get_by_role("alert")).to_be_focused()
    expect(ria.get_by_label("Email")).to_have_value("ria")
    ria.get_by_label("Email").fill("ria@shop.example")
    ria.get_by_label("Password", exact=True).fill(WORDS)
    Hand(ria).press("button", f"Join {business}")
    Hand(ria).heading("Customers")
    return ria


def test_the_last_owner_stays(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, shop, Role.OWNER)
    page.goto("/settings/users")
    expect(page.get_by_role("link", name="Remove… Olive")).to_have_count(0)
    page.get_by_role("link", name="Change Olive").click()
    page.get_by_label("Role").select_option(label="Staff")
    Hand(page).press("button", "Save user")
    expect(page.get_by_role("alert")).to_contain_text("owner")
    expect(page.get_by_label("Role")).to_have_value("staff")


def test_the_first_notice_is_read_once(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, shop, Role.STAFF)
    notice = page.get_by_text("Edit customers here, not in Xero")
    page.goto("/customers")
    expect(notice).to_be_visible()
    Hand(page).press("button", "Got it")
    expect(notice).to_have_count(0)
    page.reload()
    expect(notice).to_have_count(0)


def test_the_bookkeeper_reads_only(stocked: LiveShop, window: Window) -> None:
    page = window(DESKTOP, stocked, Role.BOOKKEEPER)
    page.goto("/customers")
    expect(page.get_by_role("link", name="New customer")).to_have_count(0)
    page.locator("a.row-link").first.click()
    expect(page.get_by_role("link", name="View on Xero")).to_be_visible()
    expect(page.get_by_role("link", name="Edit Customer")).to_have_count(0)
    page.get_by_role("button", name="More").click()
    expect(page.locator("#more-menu").locator("a, button")).to_have_text(["Download everything kept"])
