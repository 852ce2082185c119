"""The history of a customer: filtered, paged, and an earlier version restored and sent to Xero, on every device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from posxero.db.contact import Contact, Link
from posxero.domain.enums import Role
from posxero.services.contacts import contacts
from posxero.services.contacts.submissions import ContactSubmission
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN
from tests.support import long_history
from tests.support.processes import until
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def customer(shop: LiveShop) -> Contact:
    query = select(Contact).join(Link, Link.contact_id == Contact.id).where(Contact.email != "")
    found = shop.session.scalars(query.order_by(Contact.name_key).limit(1)).one()
    shop.session.commit()
    return found


def hand_of(page: Page, kind: dict[str, Any]) -> Hand:
    return Hand(page, touch=bool(kind.get("has_touch")), live="java_script_enabled" not in kind)


def test_a_version_is_restored_and_sent(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann = customer(stocked)
    page = window(kind, stocked, Role.STAFF)
    hand = hand_of(page, kind)
    page.goto(f"/customers/{ann.id}/edit")
    page.get_by_label("Email").fill("wrong@x.example")
    hand.press("button", "Save Customer")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    hand.press("link", "All history")
    hand.heading("History")
    page.get_by_role("link", name="Restore this version").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Restore the version of")
    row = page.get_by_role("row", name="Email")
    expect(row).to_contain_text("wrong@x.example")
    expect(row).to_contain_text(ann.email)
    expect(page.get_by_text("in Xero is updated too.")).to_be_visible()
    hand.press("button", "Restore this version")
    hand.heading(ann.name)
    expect(page.get_by_text("Restored the version of")).to_be_visible()
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    until(lambda: stocked.held(ann)["EmailAddress"] == ann.email, "Xero has the version")


def test_somebody_saved_meanwhile(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann = customer(stocked)
    version = long_history.add_history(stocked.session, ann, long=ann.name)
    page = window(kind, stocked, Role.STAFF)
    hand = hand_of(page, kind)
    page.goto(f"/customers/{ann.id}/history/{version}/restore")
    other = window(kind, stocked, Role.MANAGER)
    other.goto(f"/customers/{ann.id}/edit")
    other.get_by_label("Email").fill("theirs@x.example")
    hand_of(other, kind).press("button", "Save Customer")
    hand_of(other, kind).heading(ann.name)
    hand.press("button", "Restore this version")
    hand.heading("Someone else changed this customer")
    hand.press("button", "Save Customer")
    hand.heading(ann.name)
    expect(page.get_by_text("Restored the version of")).to_be_visible()
    expect(page.get_by_role("link", name="theirs@x.example")).to_be_visible()


@pytest.mark.parametrize("kind", [DESKTOP, PLAIN], ids=["desktop", "plain"])
def test_the_code_of_a_version_is_another_customers(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann = shop.add("Ann Smith", customer_code="A-1", email="first@x.example")
    with shop.importer() as importer:
        for code, email in (("A-1", "old@x.example"), ("A-2", "new@x.example")):
            form = ContactSubmission(
                values={"customer_code": code, "email": email}, seen=shop.contact(ann.name).version
            )
            contacts.save(shop.session, shop.business, ann.id, form, by="Mia", now=now(), jobs=importer.jobs)
    shop.add("Bo Lee", customer_code="A-1")
    page = window(kind, shop, Role.STAFF)
    hand = hand_of(page, kind)
    page.goto(f"/customers/{ann.id}/history")
    page.get_by_role("link", name="Restore this version").first.click()
    hand.press("button", "Restore this version")
    hand.heading("Bo Lee has the customer code A-1 now")
    if hand.live:
        assert violations(page) == []
    page.get_by_label("Customer code, yours: A-1").check()
    hand.press("button", "Save Customer")
    expect(page.get_by_role("alert")).to_contain_text("Bo Lee already has this customer code")
    page.get_by_label("Customer code").fill("A-3")
    hand.press("button", "Save Customer")
    hand.heading(ann.name)
    expect(page.get_by_text("Restored the version of")).to_be_visible()
    restored = shop.contact(ann.name)
    assert (restored.customer_code, restored.email) == ("A-3", "old@x.example")


def test_the_history_is_filtered_and_paged(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann = customer(stocked)
    long_history.add_history(stocked.session, ann, long=ann.name)
    page = window(kind, stocked, Role.BOOKKEEPER)
    hand = hand_of(page, kind)
    page.goto(f"/customers/{ann.id}/history")
    entries = page.locator(".timeline > li")
    expect(entries).to_have_count(25)
    hand.press("link", "Older")
    expect(page.get_by_text("Imported from Xero", exact=False).last).to_be_visible()
    hand.press("link", "Newer")
    expect(entries).to_have_count(25)
    page.get_by_label("What happened").select_option("Not sent to Xero")
    if not hand.live:
        hand.press("button", "Show")
    expect(entries).to_have_count(1)
    expect(page.get_by_text("Another contact in Xero is called Taken Ltd.", exact=False)).to_be_visible()
    assert "what=not-sent" in page.url
    with page.expect_download() as saved:
        hand.press("link", "Download everyone's (CSV)")
    text = saved.value.path().read_text("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert "Taken Ltd" in text
