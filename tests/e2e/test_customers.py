"""Finding, editing and saving customers, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.windows import DESKTOP, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def test_typing_searches_once_and_keeps_the_focus(shop: LiveShop, window: Window) -> None:
    for number in range(30):
        shop.add(f"Ann Smith {number:02}", email=f"ann{number}@x.example")
    shop.add("Bob Brown", customer_code="L-00017")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto("/customers")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/customers" in request.url else None)
    box = page.get_by_label("Search customers")
    box.press_sequentially("ann", delay=40)
    expect(page.locator("#count")).to_have_text("30 customers matching “ann”, page 1 of 2")
    expect(box).to_be_focused()
    expect(page).to_have_url(f"{shop.url}/customers?q=ann")
    assert len(asked) == 1
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#count")).to_contain_text("page 2 of 2")
    expect(page).to_have_title("Customers, page 2 · Retail POS")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("page 1 of 2")
    expect(box).to_have_value("ann")
    page.get_by_role("link", name="Ann Smith 03").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith 03")
    page.go_back()
    expect(box).to_have_value("ann")


def test_a_scanned_code_opens_its_customer(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    shop.add("Bob Brown", customer_code="L-00017")
    shop.add("Ann Smith", customer_code="L-000171")
    page = window(kind, shop, Role.STAFF)
    page.goto("/customers")
    page.get_by_label("Search customers").press_sequentially("L-00017\n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bob Brown")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")


def test_an_edit_in_place_is_saved_and_sent(stocked: LiveShop, window: Window) -> None:
    page = window(DESKTOP, stocked, Role.STAFF)
    page.goto("/customers")
    page.locator("a.row-link").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    shown = page.url
    page.get_by_role("link", name="Edit Customer").click()
    expect(page).to_have_url(f"{shown}/edit")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_label("Email").fill("not an email")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page).to_have_title(f"Error: Edit {name} · Retail POS")
    page.get_by_label("Email").fill("new@x.example")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} saved")  # and is being sent, or was sent already
    expect(page).to_have_url(shown)
    expect(page).to_have_title(f"{name} · Retail POS")
    expect(page.locator(".badge")).to_contain_text("Synced")
    expect(page.locator("#toasts")).to_contain_text(f"{name} saved and sent to Xero.")
    expect(page.locator("#toasts")).not_to_contain_text("Sending to Xero…")
    expect(page.locator(".timeline")).to_contain_text("Sent to Xero")
    expect(page.locator("#toasts .toast")).to_have_count(0, timeout=10_000)  # it disappears
    assert stocked.held(stocked.contact(name))["EmailAddress"] == "new@x.example"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit customer")


def test_two_people_edit_one_customer(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann = shop.add("Ann Smith", email="old@x.example")
    page = window(kind, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    other = window(PLAIN, shop, Role.MANAGER)
    other.goto(f"/customers/{ann.id}/edit")
    other.get_by_label("Email").fill("theirs@x.example")
    other.get_by_label("Mobile").fill("021 1")
    other.get_by_role("button", name="Save Customer").click()
    page.get_by_label("Email").fill("mine@x.example")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Someone else changed this customer")
    assert page.locator("[type=radio]:checked").count() == 0
    expect(page.locator("[name=keep_mobile]")).to_have_count(0)  # only the other one changed it
    expect(page.locator(".facts")).to_contain_text("021 1")
    page.get_by_label("Email, yours: mine@x.example").check()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    saved = shop.contact("Ann Smith")
    assert (saved.email, saved.mobile) == ("mine@x.example", "021 1")


def test_a_double_click_adds_one_customer(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, shop, Role.STAFF)
    page.goto("/customers")
    page.get_by_role("link", name="New customer").first.click()
    page.get_by_label("First name").fill("Ann")
    page.get_by_label("Last name").fill("Smith")
    page.get_by_role("button", name="Save Customer").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.names() == ["Ann Smith"]


def test_archiving_asks_first(shop: LiveShop, window: Window) -> None:
    ann = shop.add("Ann Smith")
    page = window(DESKTOP, shop, Role.MANAGER)
    page.goto(f"/customers/{ann.id}")
    hidden = page.get_by_text("It is hidden from lists.")
    for answer in ("Cancel", "Archive"):
        expect(hidden).not_to_be_visible()
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Archive", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=answer).click()
    expect(hidden).to_be_visible()
    assert shop.contact("Ann Smith").archived_at is not None
    page.get_by_role("button", name="Restore").click()
    expect(hidden).not_to_be_visible()
    assert shop.contact("Ann Smith").archived_at is None


def test_the_message_after_a_save_follows_the_customer_into_the_next_edit(stocked: LiveShop, window: Window) -> None:
    stocked.xero.fault("503", count=1)
    page = window(DESKTOP, stocked, Role.STAFF)
    page.goto("/customers")
    page.locator("a.row-link").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    message = page.locator("#toasts .toast")
    for email in ("one@x.example", "two@x.example"):
        page.get_by_role("link", name="Edit Customer").click()
        page.get_by_label("Email").fill(email)
        page.get_by_role("button", name="Save Customer").click()
        expect(message.filter(has_text=name)).to_have_count(1)
    expect(message).to_contain_text(re.compile(f"{name} saved here. .* Sending resumes within a minute"))
    expect(page.locator(".badge")).to_contain_text("Paused")
    page.get_by_role("link", name="Edit Customer").click()
    expect(message).to_contain_text(f"{name} saved and sent to Xero.", timeout=15_000)
    expect(message).to_have_count(0, timeout=10_000)
