"""Somebody changes a contact in Xero: it is read, shown beside ours, and one of the two is chosen, on every device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from sqlalchemy import select

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.domain.enums import Role
from posxero.services import owed
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.support import sales
from tests.support.processes import until
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

THEIRS = "09 555 1234"


def customers(shop: LiveShop, count: int) -> list[Contact]:
    """Return customers that have a phone and an email in both places."""
    query = select(Contact).join(Link, Link.contact_id == Contact.id).where(Contact.phone != "", Contact.email != "")
    found = shop.session.scalars(query.order_by(Contact.name_key).limit(count)).all()
    shop.session.commit()
    return list(found)


def change_in_xero(shop: LiveShop, contact: Contact, **fields: Any) -> None:
    """Edit the contact in Xero, and have it read."""
    link = shop.session.scalars(select(Link).where(Link.contact_id == contact.id)).one()
    shop.session.commit()
    shop.xero.edit(link.xero_id, **fields)
    owed.mark_refresh_due(shop.session, now=now())
    query = select(Link.differs).where(Link.contact_id == contact.id)

    def is_seen() -> bool:
        shop.session.rollback()
        return bool(shop.session.scalar(query))

    until(is_seen, "the change in Xero was read")


def phone(number: str) -> dict[str, dict[str, str]]:
    return {"DEFAULT": {"PhoneNumber": number, "PhoneAreaCode": "", "PhoneCountryCode": ""}}


def open_customer(window: Window, kind: dict[str, Any], shop: LiveShop, contact: Contact) -> tuple[Page, Hand]:
    page = window(kind, shop, Role.MANAGER)
    page.goto(f"/customers/{contact.id}")
    return page, Hand(page, touch=bool(kind.get("has_touch")), live="java_script_enabled" not in kind)


def test_xeros_value_is_used_here(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    (ann,) = customers(stocked, 1)
    change_in_xero(stocked, ann, Phones=phone(THEIRS))
    page, hand = open_customer(window, kind, stocked, ann)
    expect(page.get_by_role("heading", name="Changed in Xero")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Phone")
    expect(row).to_contain_text(ann.phone)
    expect(row).to_contain_text(THEIRS)
    if hand.live:
        assert violations(page) == []
    hand.press("button", "Use Xero's value")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    expect(page.get_by_role("heading", name="Changed in Xero")).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("Used Xero's value.")
    assert stocked.contact(ann.name).phone == THEIRS
    assert stocked.held(ann)["Phones"]["DEFAULT"]["PhoneNumber"] == THEIRS


def test_ours_is_sent(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    (ann,) = customers(stocked, 1)
    change_in_xero(stocked, ann, EmailAddress="theirs@x.example")
    page, hand = open_customer(window, kind, stocked, ann)
    hand.press("button", "Send ours to Xero")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    assert stocked.held(ann)["EmailAddress"] == ann.email


def test_a_value_that_is_refused_is_corrected_in_the_form(
    stocked: LiveShop, window: Window, kind: dict[str, Any]
) -> None:
    (ann,) = customers(stocked, 1)
    change_in_xero(stocked, ann, Name="Ann <Smith>")
    page, hand = open_customer(window, kind, stocked, ann)
    hand.press("button", "Use Xero's value")
    expect(page.get_by_role("alert")).to_contain_text("Name cannot contain < or >")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Ann <Smith>")
    page.get_by_label("Name", exact=False).first.fill("Ann Smith of Xero")
    hand.press("button", "Save Customer")
    hand.sees(page.locator(".badge").get_by_text("Synced"))
    assert stocked.held(ann)["Name"] == "Ann Smith of Xero"


def test_a_whole_list_is_sent(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    ann, bob = customers(stocked, 2)
    for one in (ann, bob):
        change_in_xero(stocked, one, EmailAddress=f"{one.id}@x.example")
    page, hand = open_customer(window, kind, stocked, ann)
    page.goto("/customers?sync=changed")
    hand.press("link", "Send ours to Xero")
    hand.heading("Send ours to Xero for 2 customers?")
    hand.press("button", "Send ours to Xero")
    hand.heading("Customers")
    expect(page.get_by_text("Sending 2 customers to Xero.")).to_be_visible()
    until(lambda: [stocked.held(one)["EmailAddress"] for one in (ann, bob)] == [ann.email, bob.email], "Xero has them")


def test_what_a_save_or_a_sale_replaces_is_said_before(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    connection = stocked.session.scalars(select(Connection)).one()
    sales.add_sales_settings(stocked.session, stocked.business, connection)
    (ann,) = customers(stocked, 1)
    change_in_xero(stocked, ann, EmailAddress="theirs@x.example")
    page, hand = open_customer(window, kind, stocked, ann)
    page.goto("/sync?state=changed")
    row = page.get_by_role("row").filter(has_text=ann.name)
    expect(row).to_contain_text("by someone in Xero")
    row.get_by_role("link", name="Compare").click()
    hand.heading(ann.name)
    hand.press("link", "Edit Customer")
    for summary, region in (
        ("Saving replaces in Xero (Kiwi Outfitters Ltd): Email", "What saving replaces in Xero"),
        ("This sale replaces in Xero: Email", "What this sale replaces in Xero"),
    ):
        page.get_by_text(summary, exact=True).click()
        expect(page.get_by_role("region", name=region)).to_contain_text("theirs@x.example")
        if hand.live:
            assert violations(page) == []
        page.goto(f"/customers/{ann.id}/sales/new")
