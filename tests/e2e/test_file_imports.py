"""Importing a CSV file in a real browser: upload, match the columns, preview, import; no barrier to anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import PLAIN, TABLET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

CONTENT = "Contact name;E-mail;Mobile number;Comments\n=Ann;ann@shop.example;021 555 0001;Likes tea\nBob;bob;;\n"


@pytest.mark.parametrize("kind", [TABLET, PLAIN], ids=["tablet", "plain"])
def test_a_file_is_uploaded_matched_looked_at_and_imported(
    shop: LiveShop, window: Callable[..., Page], kind: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(CONTENT.encode("utf-16"))
    shop.add("Ann Reid", email="ann@shop.example")
    page = window(kind, shop, Role.OWNER)
    live = "java_script_enabled" not in kind
    hand = Hand(page, touch="has_touch" in kind, live=live)

    def look(name: str) -> None:
        """See that nobody is kept out, where scripts can look."""
        if live:
            assert violations(page) == [], name

    page.goto("/imports/new")
    hand.press("link", "From a file (CSV)")
    hand.heading("Import from a file (CSV)")
    look("upload")
    hand.press("button", "Upload file")
    expect(page.get_by_role("alert")).to_contain_text("Choose a CSV file.")
    look("no file")
    page.get_by_label("CSV file").set_input_files(file)
    hand.press("button", "Upload file")
    hand.heading("Match the columns")
    expect(page.get_by_role("row").filter(has_text="Comments")).to_contain_text("Likes tea")
    expect(page.get_by_role("combobox", name="Mobile number")).to_have_value("mobile")
    look("columns")
    page.get_by_label("Fill in what is empty here").check()
    hand.press("button", "Preview")
    hand.sees(page.get_by_text("Nothing was changed"))
    expect(page.get_by_role("main")).to_contain_text("1 to check")
    look("preview")
    hand.press("button", "Import this file")
    hand.sees(page.get_by_role("button", name="Continue import"))
    page.get_by_role("row").filter(has_text="Ann Reid").get_by_label("Same").check()
    look("review")
    hand.press("button", "Continue import")
    hand.sees(page.get_by_text("Import finished in"))
    expect(page.get_by_role("main")).to_contain_text("1 updated and 1 couldn't be imported")
    expect(page.get_by_role("row").filter(has_text="Bob")).to_contain_text("Enter an email address")
    look("report")
    assert shop.contact("Ann Reid").mobile == "021 555 0001"
