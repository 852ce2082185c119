"""Signing in, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from posxero.db.engine import writing
from posxero.domain.enums import Role
from tests.e2e.windows import DESKTOP
from tests.support import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop


def test_the_right_password_leads_where_one_wanted_to_go(
    shop: LiveShop, window: Callable[..., Page], kind: dict[str, Any]
) -> None:
    shop.person(Role.OWNER)
    page = window(kind, shop)
    page.goto("/settings/users")
    expect(page).to_have_title("Sign in · Retail POS")
    page.get_by_label("Email").fill("olive@shop.example")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Error: Sign in · Retail POS")
    expect(page.get_by_role("alert")).to_contain_text("Wrong email or password")
    expect(page.get_by_label("Email")).to_have_value("olive@shop.example")
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    leave, account = page.get_by_role("button", name="Sign out"), page.get_by_role("button", name="Account")
    expect(leave.or_(account)).to_be_visible()
    if account.is_visible():
        account.click()
    leave.click()
    expect(page).to_have_title("Sign in · Retail POS")
    page.goto("/customers")
    expect(page).to_have_title("Sign in · Retail POS")


def test_the_first_sign_in_says_which_time_zone_the_shop_is_in(shop: LiveShop, window: Callable[..., Page]) -> None:
    shop.person(Role.OWNER)
    with writing(shop.session):
        shop.business.timezone = ""
    page = window(DESKTOP, shop, timezone_id="Australia/Adelaide")
    page.goto("/settings/business")
    page.get_by_label("Email").fill("olive@shop.example")
    page.get_by_label("Password").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Time zone")).to_have_value("Australia/Adelaide")
