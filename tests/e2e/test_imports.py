"""Importing in a real browser: review, leaving and coming back, cancelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, TABLET

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


# Remembers, over page loads, every value of the bar and every step that was drawn.
SEEN = """(() => {
  const note = (kind, value) => {
    const seen = JSON.parse(sessionStorage.getItem(kind) ?? "[]");
    if (value !== undefined && seen.at(-1) !== value) sessionStorage.setItem(kind, JSON.stringify([...seen, value]));
  };
  setInterval(() => {
    note("bars", document.querySelector("#bar")?.value);
    note("steps", document.querySelector(".steps .visually-hidden")?.textContent.match(/\\d+/)?.[0]);
  }, 20);
})()"""


def test_ambiguous_matches_are_decided_and_the_import_goes_on(
    shop: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    shop.connect()
    aroha = shop.xero.named("Aroha Ngata")
    shop.add("Aroha Ngata", email=aroha["EmailAddress"], notes="ours")
    for name in ("Ann Smith", "Bob Brown", "Cy Green"):
        shop.add(name, email=f"{name[:2].strip().lower()}@shop.example")
        shop.xero.add(Name=f"{name} Ltd", EmailAddress=f"{name[:2].strip().lower()}@shop.example")
    page = window(kind, shop, Role.MANAGER)
    hand = Hand(page, live="java_script_enabled" not in kind)
    page.goto("/customers")
    hand.import_all()
    hand.sees(page.get_by_role("button", name="Continue import"))
    expect(page.get_by_role("main")).to_contain_text("3 contacts look like customers you already have")
    hand.press("button", "Continue import")
    expect(page.get_by_role("alert")).to_contain_text("Choose what to do with 3 contacts")
    for name, decision in (("Ann Smith", "Link"), ("Bob Brown", "Add"), ("Cy Green", "Skip")):
        row = page.get_by_role("row").filter(has_text=f"{name} Ltd")
        expect(row).to_contain_text("Same email")
        row.get_by_label(decision).check()
    hand.press("button", "Save decisions")
    expect(page.get_by_role("row").filter(has_text="Ann Smith Ltd").get_by_label("Link")).to_be_checked()
    hand.press("button", "Continue import")
    hand.sees(page.get_by_text("Import finished in"))
    names = shop.names()
    assert [names.count(name) for name in ("Aroha Ngata", "Ann Smith", "Ann Smith Ltd", "Bob Brown Ltd")] == [
        1,
        1,
        0,
        1,
    ]
    assert "Cy Green Ltd" not in names
    assert shop.contact("Aroha Ngata").notes == "ours"
    assert shop.held(shop.contact("Ann Smith"))["Name"] == "Ann Smith Ltd"


@pytest.mark.parametrize("contacts", [1200])
def test_an_import_goes_on_while_nobody_looks(shop: LiveShop, window: Window) -> None:
    shop.connect()
    shop.xero.fault("slow", seconds=2, path="/api.xro/2.0/Contacts")
    page = window(DESKTOP, shop, Role.OWNER)
    hand = Hand(page)
    page.goto("/customers")
    hand.import_all()
    expect(page.get_by_role("heading", level=1)).to_have_text("Importing from Xero")
    expect(page.get_by_text("You can leave this page.")).to_be_visible()
    address = page.url
    page.goto("/imports/new")
    expect(page.get_by_role("main")).to_contain_text("An import is already running")
    other = window(TABLET, shop, Role.MANAGER)
    other.goto("/sync?state=imports")
    other.get_by_role("link", name="Import from Kiwi Outfitters Ltd").tap()
    expect(other).to_have_url(address)
    expect(other.get_by_text("1,200 contacts read from Kiwi Outfitters Ltd: ")).to_be_visible(timeout=30_000)
    expect(other.get_by_role("heading", level=1)).to_have_text("Import from Xero")
    page.go_back()
    expect(page.get_by_text("1,200 contacts read from Kiwi Outfitters Ltd: ")).to_be_visible()


def test_the_bar_never_goes_back_and_a_pause_counts_down(shop: LiveShop, window: Window) -> None:
    shop.connect()
    shop.add("Ann Smith", email="ann@shop.example")
    shop.xero.add(Name="Ann Smith Ltd", EmailAddress="ann@shop.example")
    shop.xero.fault("429", retry_after=4)
    page = window(DESKTOP, shop, Role.MANAGER)
    page.add_init_script(SEEN)
    hand = Hand(page)
    page.goto("/customers")
    hand.import_all()
    expect(page.get_by_role("timer")).to_have_text("0:01")
    page.get_by_role("button", name="Link").first.wait_for()
    page.get_by_role("row").filter(has_text="Ann Smith Ltd").get_by_label("Link").check()
    hand.press("button", "Continue import")
    expect(page.get_by_text("Import finished in")).to_be_visible()
    calls = [call["at"] for call in shop.xero.calls("/api.xro/2.0/Contacts")]
    assert 4.0 <= (calls[1] - calls[0]) / 1000 <= 30.0, (
        "the next call is made when the countdown is over, not a minute later"
    )
    for kind in ("bars", "steps"):
        seen = [int(one) for one in page.evaluate(f"JSON.parse(sessionStorage.{kind} ?? '[]')")]
        assert seen == sorted(seen), kind


def test_an_import_is_cancelled(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    shop.connect()
    shop.xero.fault("slow", seconds=5, path="/api.xro/2.0/Contacts")  # time to press, also on a busy machine
    live = "java_script_enabled" not in kind
    page = window(kind, shop, Role.MANAGER)
    hand = Hand(page, live=live)
    page.goto("/customers")
    hand.import_all()
    hand.press("button", "Cancel import")
    if live:
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Customers already added stay.")
        dialog.get_by_role("button", name="Keep importing").click()
        expect(dialog).not_to_be_visible()
        hand.press("button", "Cancel import")
        dialog.get_by_role("button", name="Cancel import").click()
    else:
        hand.heading("Cancel the import?")
        hand.press("button", "Cancel import")
    hand.sees(page.get_by_text("The import was cancelled"))
    assert shop.names() == []
    hand.press("link", "Start again")
    hand.press("button", "Import from Xero")
    hand.sees(page.get_by_text("Import finished in"))
    assert len(shop.names()) == len(set(shop.names())) > 10


def test_the_three_choices_of_a_match_stand_in_one_line(shop: LiveShop, window: Window) -> None:
    shop.connect()
    shop.add("Ann Smith", email="ann@shop.example")
    shop.xero.add(Name="A. Smith", EmailAddress="ann@shop.example")
    for _ in range(2):
        shop.add("Rua Tane")
    shop.xero.add(Name="Rua Tane")
    with shop.importer() as importer:
        run = importer.finish(importer.start())
    page = window(DESKTOP, shop, Role.MANAGER)
    page.goto(f"/imports/{run.id}")
    row = page.get_by_role("row").filter(has_text="A. Smith")
    expect(row.locator("mark")).to_have_text(["ann@shop.example (same)", "ann@shop.example (same)"])
    labels = row.locator("label")
    expect(labels).to_have_text(["Link", "Add", "Skip"])
    several = page.get_by_role("row").filter(has_text="Several contacts match")
    assert several.locator("label").count() == 4
    for width in (320, 390, 820, 1180, 1440):
        page.set_viewport_size({"width": width, "height": 820})
        boxes = labels.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
        assert len({box["top"] for box in boxes}) == 1, width
        assert {box["height"] for box in boxes} == {44}, width
        assert boxes[-1]["right"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
