"""Signing in and out in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from posxero.domain.words import Role
from tests.people import PASSWORD

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


def test_a_person_signs_in_and_out(shop: Shop) -> None:
    page = shop.page
    page.goto("/customers")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/customers$"))
    page.get_by_label("Email").fill(shop.people[Role.OWNER].email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/customers$"))
    expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/sign-in"))


def test_a_wrong_password_is_said_and_nothing_else(shop: Shop) -> None:
    page = shop.page
    page.goto("/sign-in")
    page.get_by_label("Email").fill(shop.people[Role.OWNER].email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Email or password is not right")


def test_a_signed_in_window_opens_the_customers(shop: Shop) -> None:
    page = shop.sign_in(Role.STAFF)
    page.goto("/customers")
    expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
