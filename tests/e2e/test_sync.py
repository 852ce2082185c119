"""Sync activity in a real browser: a refusal is read, its cause removed, and it is tried again."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.db.engine import begin_writing
from posxero.domain.enums import ActivityKind, LinkState, Role
from posxero.services.owed import OWED
from tests.e2e.windows import DESKTOP
from tests.support.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]


def parked(shop: LiveShop) -> int:
    shop.session.rollback()
    return shop.session.query(Link).where(Link.state == LinkState.PARKED).count()


def owed(shop: LiveShop) -> int:
    shop.session.rollback()
    return shop.session.query(Link).where(OWED).count()


def test_a_refusal_is_cured_on_the_spot(stocked: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    taken = stocked.xero.add(Name="Taken Ltd")
    page = window(kind, stocked, Role.OWNER)
    page.goto("/customers")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Edit Customer").click()
    page.get_by_label("Name", exact=False).first.fill("Taken Ltd")
    page.get_by_role("button", name="Save Customer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken Ltd")
    until(lambda: parked(stocked), "Xero has refused it")
    page.goto("/sync")
    row = page.get_by_role("row").filter(has_text="Taken Ltd")
    expect(row).to_contain_text("Not sent")
    expect(row).to_contain_text("Another contact in Xero is called Taken Ltd.")
    row.get_by_text("Xero's response").click()
    expect(row).to_contain_text("already assigned to another contact")
    stocked.xero.edit(taken["ContactID"], Name="Taken no more")
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing needs attention")).to_be_visible()
    until(lambda: not owed(stocked), "Xero has it")
    page.goto("/sync?state=done")
    expect(page.get_by_role("row").filter(has_text="Taken Ltd")).to_contain_text("Sent to Xero")


@pytest.fixture
def refused(stocked: LiveShop) -> LiveShop:
    """A shop of which Xero refused two customers of Mia's and one of Sam's."""
    session = stocked.session
    rows = session.execute(select(Link, Contact.name).join(Contact, Contact.id == Link.contact_id).limit(3)).all()
    begin_writing(session)
    for (link, name), who in zip(rows, ("Mia", "Mia", "Sam"), strict=True):
        link.state, link.reason, link.owed_by, link.owed_revision = LinkState.PARKED, f"{name} was refused.", who, 2
        told = Activity(business_id=link.business_id, at=datetime.now(UTC), kind=ActivityKind.NOT_SENT)
        told.contact_id, told.note, told.raw = link.contact_id, link.reason, '{"Message": "no"}'
        session.add(told)
    session.commit()
    return stocked


def test_the_list_is_narrowed_and_downloaded(refused: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, refused, Role.OWNER)
    page.goto("/sync")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Name").fill(rows.first.get_by_role("link").inner_text())
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/sync\?.*q="))
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert len(download.value.path().read_text("utf-8").splitlines()) == 2
    page.get_by_role("link", name="Waiting").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()


def test_what_is_open_stays_open_when_the_page_renews_itself(refused: LiveShop, window: Window) -> None:
    page = window(DESKTOP, refused, Role.OWNER)
    page.goto("/sync")
    rows = page.locator("tbody tr")
    last = rows.last
    last.get_by_text("Xero's response").click()
    expect(last.get_by_text('"Message"')).to_be_visible()
    refused.session.rollback()
    begin_writing(refused.session)
    first = rows.first.get_by_role("link").inner_text()
    named = select(Contact.id).where(Contact.name == first).scalar_subquery()
    refused.session.execute(update(Link).where(Link.contact_id == named).values(state=LinkState.ACTIVE))
    refused.session.commit()
    expect(rows).to_have_count(2, timeout=15_000)
    expect(rows.last.get_by_text('"Message"')).to_be_visible()
    expect(rows.first.get_by_text('"Message"')).to_be_hidden()


def test_a_manager_tries_all_again_and_knows_how_many(refused: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    page = window(kind, refused, Role.MANAGER)
    page.goto("/sync")
    page.get_by_role("button", name="Try all failed again (3)").click()
    expect(page.get_by_text("Trying 3 again.")).to_be_visible()
    until(lambda: parked(refused) == 0, "all were tried again")


def test_a_poll_that_is_answered_late_does_not_undo_a_filter(refused: LiveShop, window: Window) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page = window(DESKTOP, refused, Role.MANAGER)
    page.goto("/sync")
    rows = page.locator("#activity tbody tr")
    expect(rows).to_have_count(3)
    page.route("**/sync/latest**", hold)
    with page.expect_request("**/sync/latest**", timeout=15_000):
        pass  # its timer does that
    page.get_by_label("Name", exact=True).fill("nobody is called so")
    expect(rows).to_have_count(0)
    with contextlib.suppress(PlaywrightError):  # the browser no longer waits for it
        held[0].continue_()
    page.wait_for_timeout(1000)
    expect(rows).to_have_count(0)
