"""A person asks for its data, and to be erased; the bookkeeper looks at the week and at the field map."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def check(page: Page, kind: dict[str, Any]) -> None:
    """Look for what keeps somebody from using the page; axe itself is a script."""
    if kind is not PLAIN:
        assert violations(page) == []


@pytest.mark.parametrize("kind", [DESKTOP, PLAIN], ids=["desktop", "plain"])
def test_a_person_is_handed_its_data_and_erased(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    query = select(Contact).join(Link, Link.contact_id == Contact.id).where(Contact.email != "")
    ann = stocked.session.scalars(query.order_by(Contact.name_key).limit(1)).one()
    name = ann.name
    stocked.session.commit()
    page = window(kind, stocked, Role.OWNER)
    hand = Hand(page, live=kind is not PLAIN)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("changed@x.example")
    hand.press("button", "Save Customer")
    hand.sees(page.locator(".badge").get_by_text("Synced"))

    hand.press("button", "More")
    with page.expect_download() as download:
        hand.press("link", "Download everything kept")
    file = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert "changed@x.example" in archive.read("Details.csv").decode()

    page.goto("/sync/weekly")
    hand.heading("Changes in Xero")
    expect(page.get_by_role("row", name=name)).to_contain_text("changed@x.example")
    check(page, kind)
    page.goto("/fields")
    hand.heading("Field map")
    expect(page.get_by_role("row", name="EmailAddress")).to_contain_text("With every change")
    check(page, kind)

    page.goto(f"/customers/{ann.id}")
    hand.press("button", "More")
    hand.press("link", "Erase personal details…")
    hand.heading(f"Erase the details of {name}?")
    page.get_by_label("to confirm").fill("Somebody else")
    hand.press("button", "Erase for good")
    expect(page.get_by_label("to confirm")).to_have_value("Somebody else")
    check(page, kind)
    page.get_by_label("to confirm").fill(name)
    hand.press("button", "Erase for good")
    hand.heading("Erased customer")
    expect(page.get_by_text(name)).to_have_count(0)
    check(page, kind)
    page.goto(f"/customers?q={name}")
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert stocked.xero.named(name)["EmailAddress"] == "changed@x.example"  # Xero keeps the contact
