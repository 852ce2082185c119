"""The list of sales and the page of one."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.sale import Sale
from posxero.domain.enums import LinkState, SaleStatus
from posxero.domain.refusals import RefusalKind
from posxero.domain.sale_rules import TypedLine
from posxero.services.sales import voiding
from tests.support import factories, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_list_filters_and_adds_up(
    session: Session, sign_in: SignIn, bookkeeper: User, business: Business, ann: Contact
) -> None:
    ben = factories.add_contact(session, business, "Ben")
    sales.charge(session, business, ann)
    sales.charge(session, business, ann, TypedLine("Hat", "10"), sold_on="2026-11-25")
    voided = sales.charge(session, business, ben)
    voiding.void(session, business.id, voided.id, by="Mana", now=now(), jobs=RecordingQueue())
    bo = sign_in(bookkeeper)
    everything = plain(bo.get("/sales").text)
    assert "Customers owe $44.00 on account." in everything
    assert [number in everything for number in ("POS-0001", "POS-0002", "POS-0003")] == [True] * 3
    day = plain(bo.get("/sales?day=2026-11-25").text)
    assert "1 sale, $10.00 in total, $10.00 unpaid." in day
    hers = plain(bo.get(f"/sales?customer={ann.id}").text)
    assert "2 sales, $44.00 in total" in hers
    assert "POS-0003" not in hers
    assert "POS-0003" in bo.get("/sales?status=voided").text
    assert "POS-0001" not in bo.get("/sales?status=voided").text
    assert "No sales match" in bo.get("/sales?status=paid").text
    for odd in ("status=nonsense", "day=2026-02-30", "customer=x", "before=x"):
        assert bo.get(f"/sales?{odd}").status_code == 200


def test_older_sales_are_a_page_away(
    session: Session,
    sign_in: SignIn,
    staff: User,
    business: Business,
    ann: Contact,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    for _ in range(27):
        sales.charge(session, business, ann)
    sam = sign_in(staff)
    with count_statements() as statements:
        first = sam.get("/sales").text
    assert len(statements) <= 8
    assert ("POS-0027" in first, "POS-0003" in first, "POS-0002" in first) == (True, True, False)
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = sam.get(older).text
    assert ("POS-0002" in second, "POS-0003" in second) == (True, False)


def test_overdue_sales_are_those_that_xero_or_we_wanted_paid_before_today(
    session: Session, sign_in: SignIn, bookkeeper: User, business: Business, ann: Contact
) -> None:
    ours = sales.charge(session, business, ann, sold_on="2026-11-01", due_on="2026-11-20")
    later_there = sales.charge(session, business, ann, sold_on="2026-11-01", due_on="2026-11-20")
    sooner_there = sales.charge(session, business, ann, TypedLine("Hat", "10"), due_on="2126-11-20")
    paid = sales.charge(session, business, ann, sold_on="2026-11-01", due_on="2026-11-20")
    with writing(session):
        later_there.xero_due_on, sooner_there.xero_due_on = date(2126, 1, 1), date(2026, 11, 19)
        sooner_there.amount_due, paid.amount_due = Decimal(4), Decimal(0)
    bo = sign_in(bookkeeper)
    page = plain(bo.get("/sales?status=overdue").text)
    shown = [number for number in (ours.number, later_there.number, sooner_there.number, paid.number) if number in page]
    assert shown == [ours.number, sooner_there.number]
    assert "2 sales, $44.00 in total, $38.00 unpaid." in page
    assert '<th scope="col">Due date</th>' in page
    assert "19 Nov 2026" in page
    assert '<option value="overdue" selected>Overdue</option>' in page
    assert "No sales match" in bo.get("/sales?status=overdue&day=2026-11-02").text
    older = plain(bo.get(f"/sales?status=overdue&before={paid.id}").text)
    assert '<a class="step" href="/sales?status=overdue">Newest</a>' in older


def test_the_page_of_a_sale_says_why_it_is_not_in_xero(
    session: Session, sign_in: SignIn, staff: User, owner: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    sam = sign_in(staff)
    address = f"/sales/{sale.id}"
    assert "Sending to Xero…" in sam.get(address).text
    link = session.scalars(select(Link)).one()
    link.state, link.reason = LinkState.PARKED, "Xero does not accept this name. Change it here and save."
    session.commit()
    assert "The customer must be in Xero first, and isn&#39;t: Xero does not accept this name" in sam.get(address).text
    link.state = LinkState.ACTIVE
    sale.state, sale.refusal = LinkState.PARKED, RefusalKind.SALES_SETTINGS
    sale.reason = "The income account is archived. Xero says: “Account code”"
    session.commit()
    page = sam.get(address).text
    assert "The income account is archived." in page
    assert "Xero says: “Account code”" in page
    assert "Go to Settings → Sales" not in page
    assert "Go to Settings → Sales" in sign_in(owner).get(address).text
    assert sam.submit(f"{address}/try-again", {}).status_code == 303
    session.refresh(sale)
    assert sale.state is LinkState.ACTIVE
    assert "Void sale" not in page
    assert "Void sale" in sign_in(owner).get(address).text


def test_a_manager_voids_a_sale_after_being_asked(
    session: Session, sign_in: SignIn, manager: User, staff: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    mana, address = sign_in(manager), f"/sales/{sale.id}/void"
    assert sign_in(staff).get(address).status_code == 403
    assert "$34.00 is taken off the account of Ann Smith" in mana.get(address).text
    assert mana.submit(address, {}).location == f"/sales/{sale.id}"
    session.refresh(sale)
    assert sale.status is SaleStatus.VOIDED
    assert "Voided" in mana.get(f"/sales/{sale.id}").text
    assert mana.get(address).status_code == 303


def test_a_sale_with_money_on_it_is_not_asked_about_but_explained(
    session: Session, sign_in: SignIn, manager: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    with writing(session):
        sale.paid, sale.amount_due, sale.xero_id = Decimal(4), Decimal(30), uuid4()
    mana = sign_in(manager)
    page = unescape(mana.get(f"/sales/{sale.id}/void").text)
    link = re.search(r'<a class="button" href="(https?://[^"]+)" target="_blank"', page)
    assert link is not None
    assert str(sale.xero_id) in link[1]
    assert link[0] in unescape(mana.get(f"/sales/{sale.id}").text)
    assert "This sale has a payment or a credit, so it can't be voided. Credit it in Xero" in page
    assert '<button type="submit" class="danger">Void sale</button>' not in page


def test_a_sale_that_xero_has_otherwise_says_so(
    session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    sale.sent_revision, sale.xero_id, sale.sent_at = 1, uuid4(), now()
    sale.xero_total, sale.xero_status = Decimal("35.00"), "SUBMITTED"
    session.commit()
    page = sign_in(staff).get(f"/sales/{sale.id}").text
    assert "Xero keeps this invoice as submitted until somebody approves it there." in page
    assert "Xero&#39;s total differs from this sale&#39;s." in page
    assert f"/app/!kiwi/invoicing/view/{sale.xero_id}" in page


def test_a_receipt_is_plain(session: Session, sign_in: SignIn, staff: User, business: Business, ann: Contact) -> None:
    sale = sales.charge(session, business, ann)
    page = plain(sign_in(staff).get(f"/sales/{sale.id}/receipt").text)
    for words in ("Kowhai Clothing", "account of Ann Smith", "POS-0001", "Socks", "Total, with $4.43 tax", "$34.00"):
        assert words in page


def test_another_shops_sale_is_not_found(
    session: Session, sign_in: SignIn, stranger: User, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    nora = sign_in(stranger)
    for path in ("", "/status", "/receipt", "/void"):
        assert nora.get(f"/sales/{sale.id}{path}", follow_redirects=True).status_code == 404
    assert "POS-0001" not in nora.get(f"/sales?customer={ann.id}", follow_redirects=True).text
    assert session.scalars(select(Sale.status)).one() is SaleStatus.OPEN
