"""What goes wrong around a person: nothing that was typed is lost, and it is said in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.db.engine import begin_writing
from posxero.domain.enums import Role
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN
from tests.support import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Dialog, Page, Route

    from tests.e2e.live import LiveShop
    from tests.e2e.windows import Watch

    Window = Callable[..., Page]


def test_an_answer_that_comes_too_late_is_not_shown(shop: LiveShop, window: Window) -> None:
    for name in ("Ann Smith", "Anna Brown", "Zoë King"):
        shop.add(name)
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto("/customers")
    slow: list[Route] = []
    page.route("**/customers?q=ann*", lambda route: slow.append(route))  # noqa: PLW0108 - a method of C has no weak reference
    box = page.get_by_label("Search customers")
    box.fill("ann")
    page.wait_for_timeout(600)  # longer than the pause after which a search is sent
    assert len(slow) == 1
    box.fill("zoe")
    expect(page.locator("#count")).to_have_text("1 customer matching “zoe”")
    slow[0].continue_()
    page.wait_for_timeout(500)  # long enough for the late answer to do its harm
    expect(page.locator("#count")).to_have_text("1 customer matching “zoe”")
    expect(page).to_have_url(f"{shop.url}/customers?q=zoe")
    expect(page.locator(".toast")).to_have_count(0)


def test_a_form_outlives_the_network(shop: LiveShop, window: Window, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "NetworkError", "htmx:error")
    ann = shop.add("Ann Smith")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save Customer").click()
    expect(page.locator("#offline")).to_contain_text("No connection.")
    expect(page.get_by_label("Email")).to_have_value("ann@shop.example")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_a_form_outlives_an_error_of_ours(shop: LiveShop, window: Window, watch: Watch) -> None:
    watch.expect("status of 500")
    ann = shop.add("Ann Smith")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    page.route("**/edit", lambda route: route.fulfill(status=500, body="<html><h1>No</h1></html>"), times=1)
    page.get_by_role("button", name="Save Customer").click()
    expect(page.locator("#toasts")).to_contain_text("Nothing you typed is lost.")
    expect(page.get_by_label("Email")).to_have_value("ann@shop.example")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_a_form_outlives_a_busy_database(shop: LiveShop, window: Window, watch: Watch) -> None:
    watch.expect("status of 503")
    ann = shop.add("Ann Smith")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    begin_writing(shop.session)
    page.get_by_role("button", name="Save Customer").click()
    said = re.compile("Retail POS is busy.*Nothing was saved")
    expect(page.locator(".toast p")).to_have_text(said, timeout=15_000)  # the database waits for 5 s
    expect(page.get_by_label("Email")).to_have_value("ann@shop.example")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    shop.session.rollback()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_a_form_outlives_the_sign_in(shop: LiveShop, window: Window) -> None:
    """Without JavaScript; with it the form asks in place (test_signing_in_again.py)."""
    ann = shop.add("Ann Smith")
    page = window(PLAIN, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    shop.let_run_out()
    page.get_by_role("button", name="Save Customer").click()
    expect(page).to_have_title("Sign in · Retail POS")
    Hand(page).sign_in("sam@shop.example", people.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was lost")
    expect(page.get_by_text("ann@shop.example")).to_be_visible()
    assert shop.contact("Ann Smith").email == ""
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_closing_or_reloading_a_changed_form_is_asked_about(shop: LiveShop, window: Window) -> None:
    """Where a page may not ask in a dialog of its own; links and Back are in test_drafts.py."""
    ann = shop.add("Ann Smith")
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_label("Email").press_sequentially("ann")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit customer")
    assert asked == ["beforeunload"]


def test_a_customer_that_xero_refuses_is_cured_where_it_is_seen(
    stocked: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    taken = stocked.xero.add(Name="Taken Ltd")
    page = window(kind, stocked, Role.STAFF)
    hand = Hand(page, live="java_script_enabled" not in kind)
    page.goto("/customers")
    page.locator("a.row-link").first.click()
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_label("Name", exact=False).first.fill("Taken Ltd")
    page.get_by_role("button", name="Save Customer").click()
    hand.sees(page.locator(".badge").get_by_text("Not sent"))
    expect(page.get_by_role("main")).to_contain_text("Another contact in Xero is called Taken Ltd.")
    stocked.xero.edit(taken["ContactID"], Name="Taken no more")
    page.get_by_role("button", name="Try again").click()
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    assert stocked.held(stocked.contact("Taken Ltd"))["Name"] == "Taken Ltd"


def test_an_outage_of_xero_passes_by_itself(stocked: LiveShop, window: Window) -> None:
    page = window(DESKTOP, stocked, Role.STAFF)
    page.goto("/customers")
    page.locator("a.row-link").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    stocked.xero.fault("503", path="/api.xro")
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_label("Email").fill("after@outage.example")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".timeline")).to_contain_text("after@outage.example")
    hand = Hand(page, live=False)
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    assert stocked.held(stocked.contact(name))["EmailAddress"] == "after@outage.example"
