"""Selling on account at a till, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from sqlalchemy import func, select

from posxero.db.connection import Connection
from posxero.db.sale import Sale
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.enums import Role
from posxero.services.drift import changes, inbox
from posxero.xero.webhooks import Event
from tests.e2e.accessibility import violations
from tests.e2e.hand import Hand
from tests.e2e.windows import DESKTOP, PLAIN, TABLET
from tests.support import sales
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.e2e.live import LiveShop

    Window = Callable[..., Page]

MAX_TAPS = 4  # from the list of customers to a charged sale


class CountingHand(Hand):
    """A hand that is counted."""

    def __init__(self, page: Page, kind: dict[str, Any]) -> None:
        super().__init__(page, touch=kind is TABLET, live=kind is not PLAIN)
        object.__setattr__(self, "taps", 0)

    def press(self, role: Any, name: str, within: Locator | None = None) -> None:
        object.__setattr__(self, "taps", self.taps + 1)  # type: ignore[attr-defined]
        super().press(role, name, within)


def sell_on_account(shop: LiveShop) -> None:
    """Connect the shop, choose its settings, and add a customer."""
    shop.connect()
    connection = shop.session.scalars(select(Connection)).one()
    sales.add_sales_settings(shop.session, shop.business, connection)
    shop.add("Ann Smith")


def count(shop: LiveShop) -> int:
    shop.session.commit()
    return shop.session.scalar(select(func.count()).select_from(Sale)) or 0


def test_a_sale_is_charged_in_four_taps_and_reaches_xero(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    sell_on_account(shop)
    page = window(kind, shop, Role.STAFF)
    page.goto("/customers")
    hand = CountingHand(page, kind)
    hand.press("link", "Ann Smith")
    hand.press("link", "New on-account sale")
    hand.heading("New on-account sale")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").fill("34")
    hand.press("button", "Charge to account")
    hand.heading("Sale POS-0001")
    assert hand.taps <= MAX_TAPS  # type: ignore[attr-defined]
    expect(page.get_by_text("$34.00 charged to Ann Smith").first).to_be_visible()
    hand.sees(page.get_by_text("In Xero", exact=True))
    (invoice,) = shop.xero.http.get("/practice/calls").json()[-1:]
    assert (invoice["method"], invoice["path"]) == ("PUT", "/api.xro/2.0/Invoices")


def test_lines_are_added_and_added_up_while_somebody_types(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    page = window(TABLET, shop, Role.STAFF)
    page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").press_sequentially("34.50")
    expect(page.locator("#sale-total")).to_contain_text("$34.50")
    page.get_by_role("button", name="Add another line").tap()
    second = page.locator("#description-1")
    expect(second).to_be_focused()
    expect(page.locator("#description-0")).to_have_value("Merino socks")
    second.fill("Wool")
    page.locator("#price-1").fill("1.99")
    page.locator("#quantity-1").fill("0.5")
    expect(page.locator("#sale-total")).to_contain_text("$35.50")
    expect(page.locator("#sale-total")).to_contain_text("Owes after this sale $35.50")


def test_the_due_date_follows_the_date_until_another_is_typed(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    page = window(TABLET, shop, Role.STAFF)
    page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
    sold_on, due_on = page.get_by_label("Date", exact=True), page.get_by_label("Due date")
    for day, due in (("2026-10-31", "2026-11-20"), ("2026-09-30", "2026-10-20")):
        sold_on.fill(day)
        sold_on.press("Tab")
        expect(due_on).to_have_value(due)
    due_on.fill("2026-12-24")
    with page.expect_response("**/sales/due-date*"):
        sold_on.fill("2026-08-31")
        sold_on.press("Tab")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").fill("34")
    page.get_by_role("button", name="Charge to account").click()
    expect(page.get_by_text("24 Dec 2026")).to_be_visible()
    assert violations(page) == []


def test_a_second_tap_while_a_sale_is_charged_meets_the_same_button(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    for kind in (TABLET, DESKTOP):
        page = window(kind, shop, Role.STAFF)
        page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
        page.get_by_label("Description").fill("Merino socks")
        page.get_by_label("Price (tax included)").fill("34")
        expect(page.locator("#sale-total")).to_contain_text("$34.00")
        page.route("**/sales/new", lambda _: None)  # is not answered
        button = page.get_by_role("button", name="Charge to account")
        before = button.bounding_box()
        button.click()
        expect(page.get_by_text("Charging…")).to_be_visible()
        assert button.bounding_box() == before
        page.unroute_all()


def test_a_payment_in_xero_is_seen_on_the_sale_explained_and_on_the_statement(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    page = window(DESKTOP, shop, Role.STAFF)
    hand = Hand(page)
    page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").fill("34")
    hand.press("button", "Charge to account")
    hand.sees(page.get_by_text("In Xero", exact=True))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="View on Xero").click()
    opened.value.get_by_role("button", name="Pay half").click()
    expect(opened.value.get_by_role("button", name="Pay 17.00")).to_be_visible()
    read_invoices(shop)
    page.reload()
    paid = page.get_by_role("region", name="Payments and credits")
    expect(paid.get_by_role("row", name="Still to be paid")).to_contain_text("$17.00")
    assert violations(page) == []
    page.get_by_role("main").get_by_role("link", name="Ann Smith").click()
    hand.press("link", "Xero says the same")
    hand.heading("Balance in Xero")
    for row, amount in (("Charged on sales", "$34.00"), ("Paid or credited", "-$17.00"), ("Outstanding", "$17.00")):
        expect(page.get_by_role("row", name=row)).to_contain_text(amount)
    assert violations(page) == []
    page.go_back()
    hand.press("link", "Statement")
    expect(page.get_by_role("row", name="Balance on")).to_contain_text("$17.00")
    expect(page.get_by_role("row", name="Sale POS-0001")).to_contain_text("$34.00")
    assert violations(page) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 975})  # A4 within its margins
    assert page.get_by_role("row", name="Sale POS-0001").evaluate("row => getComputedStyle(row).display") == "table-row"
    expect(page.get_by_text("Retail POS", exact=True)).to_be_hidden()


def read_invoices(shop: LiveShop) -> None:
    """Read the invoices of all sales, as after a webhook that names them."""
    shop.session.commit()
    rows = shop.session.execute(select(Sale.tenant_id, Sale.xero_id)).all()
    events = [Event(row.tenant_id, ChangeCategory.INVOICE, row.xero_id, None) for row in rows if row.xero_id]
    with shop.importer() as importer:
        inbox.receive(shop.session, events, now=now(), jobs=importer.jobs)
        changes.read_changes(shop.session, shop.business.id, importer.ports)


def test_a_double_tap_makes_one_sale(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    page = window(DESKTOP, shop, Role.STAFF)
    page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").fill("34")
    page.get_by_role("button", name="Charge to account").dblclick()
    Hand(page).heading("Sale POS-0001")
    assert count(shop) == 1


def test_everything_typed_stays_on_an_error(shop: LiveShop, window: Window, kind: dict[str, Any]) -> None:
    sell_on_account(shop)
    page = window(kind, shop, Role.STAFF)
    page.goto(f"/customers/{shop.contact('Ann Smith').id}/sales/new")
    page.get_by_label("Description").fill("Merino socks")
    page.get_by_label("Price (tax included)").fill("twelve")
    page.get_by_label("Reference").fill("Ria")
    page.get_by_role("button", name="Charge to account").click()
    expect(page.locator("#price-0-error")).to_contain_text("Enter a price like 12.50")
    for label, value in (("Description", "Merino socks"), ("Price (tax included)", "twelve"), ("Reference", "Ria")):
        expect(page.get_by_label(label)).to_have_value(value)
    page.get_by_label("Price (tax included)").fill("12")
    page.get_by_role("button", name="Charge to account").click()
    Hand(page).heading("Sale POS-0001")
    assert count(shop) == 1


def test_the_total_follows_however_long_the_descriptions_are(shop: LiveShop, window: Window) -> None:
    sell_on_account(shop)
    page = window(TABLET, shop, Role.STAFF)
    page.goto("/customers")
    page.get_by_role("link", name="Ann Smith").click()
    page.get_by_role("link", name="New on-account sale").click()
    page.get_by_label("Description").fill("日本語の説明" * 90)
    page.get_by_label("Price (tax included)").fill("34")
    expect(page.locator("#sale-total")).to_contain_text("$34.00")
    expect(page.get_by_role("heading", level=1)).to_have_text("New on-account sale")
