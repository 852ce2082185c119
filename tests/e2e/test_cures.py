"""What Xero does to a contact is cured on the customer's own page, with and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from posxero.domain.enums import Role
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from posxero.db.contact import Contact
    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

pytestmark = pytest.mark.parametrize("kind", [DESKTOP, PLAIN], ids=["desktop", "plain"])


class Till:
    """A manager at a window, and one customer who is in Xero."""

    def __init__(self, shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
        self.shop, self.live = shop, "java_script_enabled" not in kind
        self.page = window(kind, shop, Role.MANAGER)
        self.hand = Hand(self.page, live=self.live)
        self.page.goto("/customers")
        self.name = self.page.locator("a.row-link").first.inner_text()
        self.contact: Contact = shop.contact(self.name)
        self.xero_id = shop.held(self.contact)["ContactID"]
        shop.session.commit()

    def open(self) -> None:
        self.page.goto(f"/customers/{self.contact.id}")

    def save(self, label: str, value: str) -> None:
        """Change one field, and save."""
        self.page.goto(f"/customers/{self.contact.id}/edit")
        self.page.get_by_label(label, exact=False).first.fill(value)
        self.page.get_by_role("button", name="Save Customer").click()
        expect(self.page.get_by_role("heading", level=1)).not_to_have_text("Edit customer")

    def reconnect_as_owner(self, window: Window, kind: dict[str, Any]) -> None:
        """Let the owner connect again, from the customer's page."""
        owner = window(kind, self.shop, Role.OWNER)
        owner.goto(f"/customers/{self.contact.id}")
        hand = Hand(owner, live=self.live)
        hand.press("link", "Reconnect")
        hand.heading("Retail POS wants access")
        hand.press("button", "Allow access")
        hand.heading("Xero")

    def sees_badge(self, words: str) -> None:
        self.hand.sees(self.page.locator(".badge").get_by_text(words, exact=True))
        if self.live:
            assert violations(self.page) == []

    def confirm(self, name: str) -> None:
        """Confirm in the dialog, or, without JavaScript, on the page that asks."""
        within = self.page.get_by_role("dialog") if self.live else None
        self.hand.press("button", name, within)


@pytest.fixture
def till(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> Till:
    return Till(stocked, window, kind)


def test_archived_is_restored_there_and_tried_again(till: Till) -> None:
    till.shop.xero.act(till.xero_id, "archive")
    till.save("Email", "after@archive.example")
    till.sees_badge("Archived in Xero")
    expect(till.page.get_by_role("link", name="Restore it in Xero")).to_have_attribute("target", "_blank")
    till.shop.xero.act(till.xero_id, "restore")
    till.hand.press("button", "Try again")
    till.sees_badge("Synced")
    assert till.shop.xero.contact(till.xero_id)["EmailAddress"] == "after@archive.example"


def test_merged_is_followed_along_the_chain(till: Till) -> None:
    second, third = (till.shop.xero.add(Name=name)["ContactID"] for name in ("Second Merge", "Third Merge"))
    till.shop.xero.act(till.xero_id, "merge", into=second)
    till.shop.xero.act(second, "merge", into=third)
    till.save("Email", "after@merge.example")
    till.hand.sees(
        till.page.get_by_role("region", name="Merged in Xero").get_by_text("It was merged into Third Merge in Xero.")
    )
    till.sees_badge("Merged in Xero")
    till.hand.press("button", "Link to that contact")
    till.sees_badge("Synced")
    assert till.shop.xero.contact(third)["EmailAddress"] == "after@merge.example"


def test_merged_into_another_customers_contact_asks_who_keeps_it(till: Till) -> None:
    till.page.goto("/customers")
    other = till.page.locator("a.row-link").nth(1).inner_text()
    survivor = till.shop.held(till.shop.contact(other))["ContactID"]
    till.shop.xero.act(till.xero_id, "merge", into=survivor)
    till.save("Email", "after@conflict.example")
    till.hand.sees(
        till.page.get_by_role("region", name="Merged in Xero").get_by_text(f"It was merged into {other} in Xero.")
    )
    till.hand.press("button", "Link to that contact")
    till.hand.heading("Two customers, one contact in Xero")
    if till.live:
        assert violations(till.page) == []
    till.page.get_by_role("button", name=f"Keep {till.name} linked").click()
    till.hand.heading(till.name)
    till.sees_badge("Synced")
    till.page.goto(f"/customers/{till.shop.contact(other).id}")
    till.sees_badge("Not linked")


def test_erased_keeps_what_is_here_and_is_unlinked(till: Till) -> None:
    till.shop.xero.act(till.xero_id, "erase")
    till.save("Email", "after@erasure.example")
    till.sees_badge("Erased in Xero")
    till.hand.press("button", "Unlink from Xero", till.page.locator("[id^=problem-]"))
    till.confirm("Unlink from Xero")
    till.sees_badge("Not linked")
    assert till.shop.contact(till.name).email == "after@erasure.example"


def test_missing_is_created_again(till: Till) -> None:
    till.shop.xero.remove(till.xero_id)
    till.save("Email", "after@loss.example")
    till.sees_badge("Not in Xero")
    till.hand.press("button", "Create in Xero again")
    till.sees_badge("Synced")
    assert till.shop.xero.named(till.name)["EmailAddress"] == "after@loss.example"


def test_a_name_that_is_taken_is_linked_to_that_contact(till: Till) -> None:
    taken = till.shop.xero.add(Name="Taken Trading")["ContactID"]
    till.save("Name", "Taken Trading")
    till.sees_badge("Not sent")
    till.hand.press("button", "Link to that contact")
    till.hand.heading("Link Taken Trading to Xero")
    found = till.page.get_by_role("row").filter(has_text="Taken Trading")
    till.hand.sees(found)
    if till.live:
        assert violations(till.page) == []
    found.get_by_role("button", name="Link to Taken Trading").click()
    till.hand.heading("Taken Trading")
    assert till.shop.held(till.shop.contact("Taken Trading"))["ContactID"] == taken


def test_a_refused_field_is_marked_in_the_form(till: Till) -> None:
    till.shop.xero.add(Name="Has the number", AccountNumber="A-1")
    for label, key, taken, free in (
        ("Account number", "account_number", "A-1", "A-2"),
        ("Name", "name", "Has the number", "Has another number"),
    ):
        till.save(label, taken)
        till.sees_badge("Not sent")
        till.hand.press("link", "Change details")
        expect(till.page.locator(f"#{key}-error")).to_contain_text(f"Another contact in Xero has this {label.lower()}")
        till.page.locator(f"#{key}").fill(free)
        till.hand.press("button", "Save Customer")
        till.sees_badge("Synced")


def test_a_contact_number_that_another_customers_contact_has_is_freed(till: Till) -> None:
    ngaio = till.shop.add("Ngaio Te Rangi")
    till.shop.xero.edit(till.xero_id, ContactNumber=str(ngaio.id))
    till.page.goto(f"/customers/{ngaio.id}/link")
    till.hand.press("button", "Create in Xero")
    till.sees_badge("Not sent")
    till.hand.press("button", "Link to that contact")
    found = till.page.get_by_role("row").filter(has_text=f"Linked to {till.name}")
    till.hand.sees(found)
    found.get_by_role("link", name=till.name).click()
    till.hand.heading(till.name)
    till.page.goto(f"/customers/{till.contact.id}/unlink")
    till.hand.press("button", "Unlink from Xero")
    till.sees_badge("Not linked")
    till.page.goto(f"/customers/{ngaio.id}")
    till.hand.press("button", "Try again")
    till.sees_badge("Synced")
    assert till.shop.held(ngaio)["ContactID"] == till.xero_id


def test_an_unlinked_customer_is_found_by_a_search_and_linked(till: Till) -> None:
    held = till.shop.xero.add(Name="Ngaio T. Rangi", FirstName="Ngaio")["ContactID"]
    ngaio = till.shop.add("Ngaio Te Rangi")
    till.page.goto(f"/customers/{ngaio.id}/link")
    till.page.get_by_label("Search in").fill("rangi")
    till.hand.press("button", "Search in Xero")
    found = till.page.get_by_role("row").filter(has_text="Ngaio T. Rangi")
    till.hand.sees(found)
    found.get_by_role("button", name="Link to Ngaio T. Rangi").click()
    till.hand.heading("Ngaio Te Rangi")
    till.sees_badge("Differs from Xero")
    assert till.shop.held(ngaio)["ContactID"] == held
    assert till.shop.contact("Ngaio Te Rangi").first_name == "Ngaio"


def test_an_unlinked_customer_is_created_in_xero(till: Till) -> None:
    ngaio = till.shop.add("Ngaio Te Rangi")
    till.page.goto(f"/customers/{ngaio.id}")
    till.hand.press("button", "More")
    till.hand.press("link", "Link to Xero")
    till.hand.press("button", "Create in Xero")
    till.hand.heading("Ngaio Te Rangi")
    till.sees_badge("Synced")
    assert till.shop.held(ngaio)["Name"] == "Ngaio Te Rangi"


def test_a_lost_connection_is_connected_again_from_the_customer(
    till: Till, window: Window, kind: dict[str, Any]
) -> None:
    till.shop.xero.fault("disconnect")
    till.save("Email", "after@loss.example")
    till.hand.sees(till.page.get_by_role("heading", name="Connection to Xero lost"))
    expect(till.page.get_by_text("Ask an owner to reconnect.")).to_be_visible()
    till.reconnect_as_owner(window, kind)
    till.open()
    till.sees_badge("Synced")
    assert till.shop.xero.contact(till.xero_id)["EmailAddress"] == "after@loss.example"


def test_an_organisation_that_is_offline_and_a_missing_permission_are_told_and_cured(
    till: Till, window: Window, kind: dict[str, Any]
) -> None:
    till.shop.xero.fault("503", value="The Organisation is offline")
    till.save("Email", "after@offline.example")
    till.hand.sees(till.page.get_by_text("Your organisation is offline in Xero at the moment. Sending").first)
    Hand(till.page, live=False).sees(till.page.locator(".badge").get_by_text("Synced"))  # after the pause
    assert till.shop.xero.contact(till.xero_id)["EmailAddress"] == "after@offline.example"
    till.shop.xero.fault("401", detail="AuthorizationUnsuccessful")
    till.save("Email", "after@scope.example")
    till.hand.sees(till.page.get_by_text("Xero did not allow this app to read and change contacts and invoices.").first)
    till.reconnect_as_owner(window, kind)
    till.open()
    till.sees_badge("Synced")
    assert till.shop.xero.contact(till.xero_id)["EmailAddress"] == "after@scope.example"


def test_a_limit_says_when_sending_resumes(till: Till) -> None:
    till.shop.xero.fault("429", retry_after=600, problem="day")
    till.save("Email", "after@limit.example")
    till.hand.sees(till.page.get_by_text("Xero's daily limit has been reached. Sending resumes").first)
    till.sees_badge("Paused")


def test_many_links_in_trouble_are_cured_at_once(till: Till) -> None:
    till.page.goto("/customers")
    others = till.page.locator("a.row-link").all_inner_texts()[:2]
    for name in others:
        contact = till.shop.contact(name)
        till.shop.xero.act(till.shop.held(contact)["ContactID"], "archive")
        till.contact = contact
        till.save("Email", "many@archive.example")
        till.sees_badge("Archived in Xero")
    till.page.goto("/sync")
    till.hand.press("link", "Not updating in Xero")
    till.hand.heading("Not updating in Xero")
    till.page.get_by_role("navigation", name="Causes").get_by_role("link", name="Archived in Xero").click()
    till.page.get_by_role("link", name="Unlink from Xero").click()
    till.hand.heading("Unlink 2 customers from Xero?")
    till.hand.press("button", "Unlink from Xero")
    expect(till.page.get_by_text("Everything is up to date in Xero")).to_be_visible()
    till.open()
    till.sees_badge("Not linked")
