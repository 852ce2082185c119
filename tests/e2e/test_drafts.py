"""What was typed and not saved: asked about before it is left, kept on the server, offered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from posxero.db.draft import Draft
from posxero.domain.enums import Role
from tests.e2e.windows import DESKTOP, TABLET
from tests.support.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Dialog, Page

    from posxero.db.contact import Contact
    from tests.e2e.live import LiveShop
    from tests.e2e.windows import Watch

    Window = Callable[..., Page]

STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.cookie"


def drafts(shop: LiveShop) -> list[dict[str, str]]:
    query = select(Draft.fields).order_by(Draft.saved_at)
    found = list(shop.session.scalars(query))
    shop.session.rollback()  # a later write of this session may not follow an old read
    return found


def press_back(page: Page) -> None:
    """Press the browser's Back, and wait for nothing: the page may stop it."""
    devtools = page.context.new_cdp_session(page)
    history = devtools.send("Page.getNavigationHistory")
    devtools.send("Page.navigateToHistoryEntry", {"entryId": history["entries"][history["currentIndex"] - 1]["id"]})
    devtools.detach()


def answer(page: Page, choice: str) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Leave without saving?")
    dialog.get_by_role("button", name=choice, exact=True).click()
    expect(dialog).to_be_hidden()


@pytest.fixture
def ann(shop: LiveShop) -> Contact:
    return shop.add("Ann Smith", email="old@x.example")


def edit(page: Page, ann: Contact) -> None:
    """Open the form in place, as people do, and type."""
    page.goto(f"/customers/{ann.id}")
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_label("Email").fill("ann@shop.example")


def test_back_asks_and_forward_offers_the_draft(shop: LiveShop, window: Window, ann: Contact) -> None:
    page = window(DESKTOP, shop, Role.STAFF)
    edit(page, ann)
    press_back(page)
    answer(page, "Keep editing")
    expect(page).to_have_url(f"{shop.url}/customers/{ann.id}/edit")
    expect(page.get_by_label("Email")).to_have_value("ann@shop.example")
    press_back(page)
    answer(page, "Leave and keep a draft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert [draft["email"] for draft in drafts(shop)] == ["ann@shop.example"]
    page.go_forward()
    expect(page.locator(".draft h2")).to_contain_text("You started editing this at ")
    page.get_by_role("link", name="Continue editing").click()
    expect(page.get_by_label("Email")).to_have_value("ann@shop.example")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"
    assert drafts(shop) == []


def test_a_second_back_without_a_touch_in_between_asks_too(shop: LiveShop, window: Window, ann: Contact) -> None:
    """The browser lets a page stop Back only once after each touch: then the address is put back."""
    page = window(DESKTOP, shop, Role.STAFF)
    edit(page, ann)
    for _ in range(2):
        press_back(page)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_role("dialog").evaluate("dialog => dialog.close()")
        expect(page).to_have_url(f"{shop.url}/customers/{ann.id}/edit")
        expect(page.get_by_label("Email")).to_have_value("ann@shop.example")


def test_links_and_cancel_ask(shop: LiveShop, window: Window, ann: Contact) -> None:
    page = window(TABLET, shop, Role.STAFF)
    for link, leads_to in (("Cancel", "Ann Smith"), ("Ann Smith", "Ann Smith"), ("Sync activity", "Sync activity")):
        edit(page, ann)
        until(lambda: bool(drafts(shop)), "the draft is kept")
        page.get_by_role("link", name=link, exact=True).click()
        answer(page, "Keep editing")
        page.get_by_role("link", name=link, exact=True).click()
        answer(page, "Discard changes")
        expect(page.get_by_role("heading", level=1)).to_have_text(leads_to)
        assert drafts(shop) == [], link
        assert shop.contact("Ann Smith").email == "old@x.example", link


def test_closing_asks_and_the_draft_is_offered_on_another_device(shop: LiveShop, window: Window, ann: Contact) -> None:
    page = window(TABLET, shop, Role.STAFF)
    edit(page, ann)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    until(lambda: bool(drafts(shop)), "the draft is kept though nobody waited for it")
    assert asked == ["beforeunload"]
    other = window(DESKTOP, shop, Role.STAFF)
    other.goto(f"/customers/{ann.id}/edit")
    expect(other.locator(".draft h2")).to_contain_text("You started editing this at ")
    mana = window(DESKTOP, shop, Role.MANAGER)
    mana.goto(f"/customers/{ann.id}/edit")
    expect(mana.get_by_label("Email")).to_have_value("old@x.example")
    other.get_by_role("button", name="Discard").click()
    expect(other.get_by_label("Email")).to_have_value("old@x.example")
    assert drafts(shop) == []


def test_a_draft_is_sent_when_typing_stops_and_nothing_is_stored_in_the_browser(shop: LiveShop, window: Window) -> None:
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto("/customers/new")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/draft") else None)
    page.get_by_label("Name", exact=True).press_sequentially("Ann Smith", delay=30)
    until(lambda: [draft["name"] for draft in drafts(shop)] == ["Ann Smith"], "the draft is kept")
    page.wait_for_timeout(100)  # events are told only while the page is waited for
    assert len(sent) == 1
    assert "Ann" not in page.evaluate(STORED)
    page.reload()
    expect(page.locator(".draft h2")).to_contain_text("You started a new customer at ")
    page.get_by_role("link", name="Continue editing").click()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert drafts(shop) == []
    page.goto("/customers/new")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_what_others_saved_since_is_told(shop: LiveShop, window: Window, ann: Contact) -> None:
    page = window(DESKTOP, shop, Role.STAFF)
    edit(page, ann)
    until(lambda: bool(drafts(shop)), "the draft is kept")
    other = window(DESKTOP, shop, Role.MANAGER)
    other.goto(f"/customers/{ann.id}/edit")
    other.get_by_label("Mobile").fill("021 555 0199")
    other.get_by_role("button", name="Save Customer").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    page.evaluate("document.querySelector('form[data-dirty]').removeAttribute('data-dirty')")
    page.goto(f"/customers/{ann.id}/edit")
    expect(page.locator(".draft")).to_contain_text("Mana at ")
    expect(page.locator(".draft")).to_contain_text("Mobile empty → 021 555 0199")
    page.get_by_role("link", name="Continue editing").click()
    expect(page.get_by_label("Mobile")).to_have_value("021 555 0199")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    saved = shop.contact("Ann Smith")
    assert (saved.email, saved.mobile) == ("ann@shop.example", "021 555 0199")


def test_offline_nothing_is_sent_and_nothing_alarms(shop: LiveShop, window: Window, ann: Contact, watch: Watch) -> None:
    watch.expect("status of 503", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch", "htmx:error")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/draft") else None)
    page.context.set_offline(True)
    page.get_by_label("Email").fill("ann@shop.example")
    page.wait_for_timeout(2300)  # longer than the pause after which a draft is sent
    assert sent == []
    page.get_by_role("link", name="Sync activity").click()
    expect(page.get_by_role("dialog")).to_contain_text("If you leave, what you typed is lost.")
    page.get_by_role("button", name="Keep editing").click()
    page.context.set_offline(False)
    until(lambda: [draft["email"] for draft in drafts(shop)] == ["ann@shop.example"], "the draft is kept")
    page.route("**/draft", lambda route: route.fulfill(status=503, body="<h1>Busy</h1>"))
    page.get_by_label("Email").fill("ann2@shop.example")
    with page.expect_response("**/draft"):
        pass
    page.unroute("**/draft")
    page.route("**/draft", lambda route: route.abort())
    page.get_by_label("Email").fill("ann3@shop.example")
    with page.expect_event("requestfailed"):
        pass
    page.wait_for_timeout(200)
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#offline")).to_be_hidden()
