"""A save that meets an ended sign-in: sign in over the form, and the same press saves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PHONE, PLAIN
from tests.support import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from posxero.db.contact import Contact
    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


@pytest.fixture
def ann(shop: LiveShop) -> Contact:
    return shop.add("Ann Smith", email="old@x.example")


def sign_out_in_another_tab(page: Page) -> Page:
    tab = page.context.new_page()
    tab.goto("/sync")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab).to_have_title("Sign in · Retail POS")
    return tab


def sign_in(page: Page, name: str, password: str = people.PASSWORD) -> None:
    dialog = page.get_by_role("dialog", name="Sign in to save")
    dialog.get_by_label("Email").fill(f"{name}@shop.example")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in and save").click()


def test_after_signing_out_in_another_tab_one_press_signs_in_and_saves(
    shop: LiveShop, window: Window, ann: Contact
) -> None:
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    sign_out_in_another_tab(page)
    page.get_by_role("button", name="Save Customer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You were signed out in another tab. Nothing you typed is lost.")
    expect(page.locator(".toast")).to_have_count(0)
    expect(dialog.get_by_label("Email")).to_be_focused()
    sign_in(page, "sam", "mistaken")
    expect(dialog.get_by_role("alert")).to_have_text("Wrong email or password")
    sign_in(page, "sam")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    expect(dialog).to_have_count(0)
    assert shop.contact("Ann Smith").email == "ann@shop.example"
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Retail POS")


def test_another_person_saves_under_their_own_name(shop: LiveShop, window: Window) -> None:
    shop.person(Role.MANAGER)
    page = window(PHONE, shop, Role.STAFF)
    page.goto("/customers/new")
    shop.let_run_out()
    with page.expect_response("**/known?*"):
        page.get_by_label("Name", exact=True).fill("Ann Smith")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("dialog")).to_contain_text("You were signed out after 15 minutes without activity.")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("Unsaved changes", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save Customer").click()
    sign_in(page, "mana")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    expect(page.locator(".timeline")).to_contain_text("Mana · Added")
    expect(page.locator(".who strong")).to_have_text("Mana")


def test_signing_out_and_in_again_in_another_tab_asks_once(shop: LiveShop, window: Window, ann: Contact) -> None:
    shop.person(Role.MANAGER)
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    Hand(sign_out_in_another_tab(page)).sign_in("mana@shop.example", people.PASSWORD)
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("dialog", name="You are signed in as Mana")).to_be_visible()
    page.get_by_role("button", name="Save as Mana").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_without_javascript_what_was_typed_comes_back_after_signing_in(
    shop: LiveShop, window: Window, ann: Contact
) -> None:
    page = window(PLAIN, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("ann@shop.example")
    sign_out_in_another_tab(page)
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing you typed is lost")
    Hand(page).sign_in("sam@shop.example", "mistaken")
    Hand(page).sign_in("sam@shop.example", people.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was lost")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    assert shop.contact("Ann Smith").email == "ann@shop.example"


def test_a_slow_save_says_so(shop: LiveShop, window: Window, ann: Contact) -> None:
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    waiting: list[Any] = []
    page.route("**/edit", lambda route: waiting.append(route))  # noqa: PLW0108 - a method of C has no weak reference
    page.get_by_label("Email").fill("ann@shop.example")
    plain = page.get_by_role("button", name="Save Customer").evaluate("one => getComputedStyle(one).backgroundImage")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.locator(".savebar .saving")).to_be_visible()
    expect(page.locator(".unsaved")).to_be_hidden()
    button = page.get_by_role("button", name="Save Customer")
    expect(button).to_have_css("cursor", "progress")
    expect(button).not_to_have_css("background-image", plain)
    waiting[0].continue_()
    page.unroute("**/edit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")


def test_signing_in_after_the_idle_time_says_why(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, shop, Role.STAFF)
    shop.let_run_out()
    page.goto("/sync")
    expect(page).to_have_title("Sign in · Retail POS")
    expect(page.get_by_role("main")).to_contain_text(
        re.compile("You were signed out after 15 minutes without activity")
    )
    Hand(page).sign_in("sam@shop.example", people.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sync activity")
