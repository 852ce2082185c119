"""The main job: connect, import, find, edit, save, and see the change on Xero."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero import preflight
from posxero.domain.enums import Role
from tests.e2e import live
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN, TABLET
from tests.support import people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop, Premises
    from tests.e2e.windows import Watch
    from tests.support.practice_server import PracticeServer

    Window = Callable[..., Page]

NAME = "Aroha Ngata"  # Practice Xero always has her, with an email and a phone
BELONGING = "window.belonging = 'this page'"  # is gone after a reload


def go_all_the_way(hand: Hand, count: int) -> None:
    """Walk from the empty shop of a signed-in owner to the change on Xero."""
    page = hand.page
    hand.connect()
    expect(page.get_by_role("main")).to_contain_text("Kiwi Outfitters Ltd")
    hand.import_all()
    hand.sees(page.get_by_text("Import finished in"))
    expect(page.get_by_text(f"{count:,} contacts read from Kiwi Outfitters Ltd: ")).to_be_visible()
    hand.press("link", "See customers")
    page.get_by_label("Search customers").fill("ngata aroha")
    if not hand.live:
        hand.press("button", "Search")
    hand.press("link", NAME)
    hand.heading(NAME)
    hand.press("link", "Edit Customer")
    hand.heading("Edit customer")
    page.get_by_label("Phone", exact=True).fill("021 555 0002")
    if hand.live:
        page.evaluate(BELONGING)
    hand.press("button", "Save Customer")
    hand.heading(NAME)
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    expect(page.locator(".timeline")).to_contain_text("021 555 0002")
    if hand.live:
        assert page.evaluate("window.belonging") == "this page", "the page was loaded again"
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="View on Xero").click()
    on_xero = opened.value
    expect(on_xero.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(on_xero.get_by_role("main")).to_contain_text("021 555 0002")
    if hand.live:
        assert on_xero.evaluate("window.opener") is None


@pytest.fixture
def started(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A newcomer's `posxero start`; return what it says: addresses, email and password."""
    port = preflight.next_free_port("127.0.0.1", 8100 + os.getpid() % 300)
    process = subprocess.Popen(
        [sys.executable, "-m", "posxero", "start", "--port", str(port)],
        env={"PATH": os.defpath, "POSXERO_DATA_DIR": str(tmp_path / "shop")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "To end" in line:
            break
    rest = threading.Thread(target=process.stdout.read, daemon=True)  # a full pipe would stop it
    rest.start()
    yield dict(reversed(re.findall(r"^  (\w[\w ]+?)  +(\S.*)$", "".join(lines), re.MULTILINE)))
    process.send_signal(signal.SIGINT)
    process.wait(60)
    rest.join()
    process.stdout.close()


def test_a_newcomer_does_the_main_job(started: dict[str, str], window: Window) -> None:
    page = window(DESKTOP)
    page.goto(started["Retail POS"])
    hand = Hand(page)
    hand.sign_in(started["Sign in as"], started["Password"])
    hand.heading("Customers")
    go_all_the_way(hand, 1200)


@pytest.mark.parametrize("contacts", [300])
def test_on_a_tablet_with_postgresql(large_premises: Premises, xero: PracticeServer, window: Window) -> None:
    with live.shop(large_premises, xero) as shop:
        page = window(TABLET, shop, Role.OWNER)
        page.goto("/customers")
        go_all_the_way(Hand(page, touch=True), 300)


def test_without_javascript(shop: LiveShop, window: Window) -> None:
    shop.person(Role.OWNER)
    page = window(PLAIN, shop)
    page.goto("/customers")
    hand = Hand(page, live=False)
    hand.sign_in("olive@shop.example", people.PASSWORD)
    go_all_the_way(hand, 60)


def test_someone_who_refuses_can_try_again(shop: LiveShop, window: Window, kind: dict[str, Any], watch: Watch) -> None:
    watch.expect("status of 400")
    page = window(kind, shop, Role.OWNER)
    hand = Hand(page, live="java_script_enabled" not in kind)
    page.goto("/settings/xero")
    hand.press("link", "Connect to Xero")
    hand.press("button", "Cancel")
    hand.heading("You did not allow access")
    expect(page.get_by_role("main")).to_contain_text("Nothing has changed, here or in Xero.")
    hand.press("link", "Connect to Xero")
    hand.press("button", "Allow access")
    expect(page.get_by_role("main")).to_contain_text("Kiwi Outfitters Ltd")


def test_one_of_two_organisations_is_chosen_and_left(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, shop, Role.OWNER)
    hand = Hand(page, live="java_script_enabled" not in kind)
    page.goto("/settings/xero")
    hand.press("link", "Connect to Xero")
    page.get_by_label("Harbour Books & Gifts").check()
    hand.press("button", "Allow access")
    hand.heading("Choose the organisation")
    hand.press("button", "Connect")
    expect(page.get_by_role("alert")).to_contain_text("Choose an organisation")
    page.get_by_label("Harbour Books & Gifts").check()
    hand.press("button", "Connect")
    expect(page.get_by_text("Connected to Harbour Books & Gifts.")).to_be_visible()
    hand.press("link", "Disconnect…")
    hand.heading("Disconnect Harbour Books & Gifts?")
    hand.press("button", "Disconnect Xero")
    expect(page.get_by_role("heading", name="Not connected to Xero")).to_be_visible()
