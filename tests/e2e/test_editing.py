"""Editing and adding in a real browser: what fits, who is known already, and what two people changed."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.windows import DESKTOP, PHONE, PLAIN, TABLET

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

DAILY = ("name", "email", "mobile", "phone", *(f"street_{part}" for part in ("line1", "city", "postcode", "country")))


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_what_is_edited_daily_fits_a_tablets_screen(shop: LiveShop, window: Window) -> None:
    ann = shop.add("Ann Smith", email="ann@x.example")
    page = window({"viewport": {"width": 1180, "height": 820}, "has_touch": True}, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    bar = page.locator(".savebar").bounding_box()
    assert bar is not None
    for key in DAILY:
        assert bottom(page, f"#{key}") <= bar["y"], key
    assert bottom(page, ".more > summary") <= bar["y"]
    expect(page.get_by_label("Fax")).not_to_be_visible()
    page.get_by_text("More details").click()
    expect(page.get_by_label("Fax")).to_be_visible()


@pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_half_a_birthday_is_not_lost_and_a_whole_one_is_saved(
    shop: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    ann = shop.add("Ann Smith")
    page = window(kind, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    expect(page.get_by_label("Birthday")).not_to_be_visible()
    page.get_by_text("More details").click()
    page.get_by_label("Birthday").press_sequentially("12")
    page.get_by_label("Marketing consent").select_option("Yes")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_label("Birthday")).to_be_focused()
    assert page.get_by_label("Birthday").evaluate("one => one.validity.badInput")
    assert shop.contact("Ann Smith").version == 1
    page.get_by_label("Birthday").fill("1990-12-31")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    expect(page.get_by_text("Marketing consent: No → Yes")).to_be_visible()
    saved = shop.contact("Ann Smith")
    assert (saved.birthday, saved.marketing_consent) == (date(1990, 12, 31), True)


def test_a_postal_address_that_is_the_same_need_not_be_typed(
    shop: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    ann = shop.add("Ann Smith", street_line1="1 Queen Street", street_city="Auckland")
    page = window(kind, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_text("More details").click()
    expect(page.locator("#postal_line1")).to_be_visible()
    page.get_by_label("Postal address is the same as street address").check()
    expect(page.locator("#postal_line1")).not_to_be_visible()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    saved = shop.contact("Ann Smith")
    assert (saved.postal_line1, saved.postal_city) == ("1 Queen Street", "Auckland")


@pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_whoever_is_known_is_named_while_typing(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    shop.add("Aroha Åkesson", mobile="+64 21 555 0002")
    page = window(kind, shop, Role.STAFF)
    page.goto("/customers/new")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "known" in request.url else None)
    page.get_by_label("Name", exact=True).fill("A. Akesson")
    box = page.get_by_label("Mobile")
    box.press_sequentially("021 555 0002", delay=30)
    question = page.get_by_text("Is this Aroha Åkesson?")
    expect(question).to_be_visible()
    expect(box).to_be_focused()
    assert len(asked) == 1
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open Aroha Åkesson").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Aroha Åkesson")
    opened.value.close()
    box.fill("021 555 000")
    expect(question).not_to_be_visible()
    box.fill("021 555 0002")
    expect(question).to_be_visible()
    box.press("Enter")  # saves as Save Customer does: it asks, and confirms nothing
    expect(page.get_by_role("alert")).to_be_focused()
    assert shop.names() == ["Aroha Åkesson"]
    expect(page.get_by_label("Name", exact=True)).to_have_value("A. Akesson")
    page.get_by_role("alert").get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A. Akesson")
    assert shop.names() == ["A. Akesson", "Aroha Åkesson"]


def test_save_anyway_is_there_while_typing(shop: LiveShop, window: Window) -> None:
    shop.add("Aroha Åkesson", email="aroha@x.example")
    page = window(TABLET, shop, Role.STAFF)
    page.goto("/suppliers/new")
    page.get_by_label("Name", exact=True).fill("Kea Ltd")
    page.get_by_label("Email").fill("Aroha@x.example")
    page.get_by_role("button", name="Save anyway").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kea Ltd")


def test_without_javascript_whoever_is_known_is_named_after_saving(shop: LiveShop, window: Window) -> None:
    shop.add("Aroha Åkesson", email="aroha@x.example")
    page = window(PLAIN, shop, Role.STAFF)
    page.goto("/customers/new")
    page.get_by_label("Name", exact=True).fill("A. Akesson")
    page.get_by_label("Email").fill("Aroha@x.example")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_text("Is this Aroha Åkesson?")).to_be_visible()
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A. Akesson")


def test_a_choice_that_was_not_made_is_asked_for_next_to_it(
    shop: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    ann = shop.add("Ann Smith", email="old@x.example", street_city="Taupō")
    page = window(kind, shop, Role.STAFF)
    page.goto(f"/customers/{ann.id}/edit")
    other = window(PLAIN, shop, Role.MANAGER)
    other.goto(f"/customers/{ann.id}/edit")
    for one, mark in ((other, "theirs"), (page, "mine")):
        one.get_by_label("Email").fill(f"{mark}@x.example")
        one.locator("#street_city").fill(f"{mark} City")
        one.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Someone else changed this customer")
    assert page.locator("[type=radio]:checked").count() == 0
    expect(page.get_by_text(re.compile("^Mana, today"))).to_have_count(2)
    expect(page.get_by_text(re.compile(r"^Sam \(you\), today"))).to_have_count(2)
    page.get_by_label("Email, yours: mine@x.example").check()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("link", name="Choose which City (street address) to keep")).to_be_visible()
    expect(page.get_by_role("group", name="City (street address)")).to_contain_text("Choose which one to keep")
    expect(page.get_by_role("group", name="Email")).not_to_contain_text("Choose which one")
    expect(page.get_by_label("Email, yours: mine@x.example")).to_be_checked()
    page.get_by_label("City (street address), saved now: theirs City").check()
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Smith")
    saved = shop.contact("Ann Smith")
    assert (saved.email, saved.street_city) == ("mine@x.example", "theirs City")
