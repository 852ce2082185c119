"""Payments and credit that are recorded in Xero appear on the sales; invoices there that are not ours are counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import Sale, SalePayment
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.domain.payments import PaymentKind
from tests.support.invoices import INVOICES, SellingShop

if TYPE_CHECKING:
    from tests.support.drifting import DriftShop

D = Decimal


@pytest.fixture
def till(shop: DriftShop) -> SellingShop:
    return SellingShop(shop)


@pytest.fixture
def ann(shop: DriftShop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def sold(shop: DriftShop, till: SellingShop, contact: Contact) -> Sale:
    """Charge 34.00 and send it."""
    sale_id = till.charge(contact)
    shop.push()
    shop.xero.clear_calls()
    return till.sale(sale_id)


def poll(shop: DriftShop) -> None:
    shop.run(DriftKind.INVOICES)


def reads(shop: DriftShop) -> list[str]:
    return [call["path"].removeprefix("/api.xro/2.0") for call in shop.xero.calls("/api.xro", "GET")]


def xero_id(sale: Sale) -> str:
    return str(sale.xero_id)


def payments(shop: DriftShop, sale: Sale) -> list[tuple[PaymentKind, Decimal, date, str]]:
    query = select(SalePayment).where(SalePayment.sale_id == sale.id).order_by(SalePayment.paid_on, SalePayment.id)
    found = [(one.kind, one.amount, one.paid_on, one.reference) for one in shop.session.scalars(query)]
    shop.session.commit()
    return found


def owes(shop: DriftShop, contact: Contact) -> Decimal:
    found = shop.session.scalars(select(Contact.owes).where(Contact.id == contact.id)).one()
    shop.session.commit()
    return found


def outstanding(shop: DriftShop, contact: Contact) -> Decimal | None:
    return shop.link(contact).outstanding


def others(shop: DriftShop) -> list[tuple[str, Decimal]]:
    found = [(one.number, one.amount_due) for one in shop.session.scalars(select(OtherInvoice))]
    shop.session.commit()
    return sorted(found)


def test_a_payment_is_seen_by_the_poll_and_told_once(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    sale = sold(shop, till, ann)
    shop.xero.pay(xero_id(sale), "20.00", date="2026-11-27", reference="Eftpos")
    poll(shop)
    assert reads(shop) == ["/Invoices", "/Contacts"]  # one for all that changed, one for 40 balances
    seen = till.sale(sale.id)
    assert (seen.paid, seen.credited, seen.amount_due, seen.xero_due) == (D(20), D(0), D(14), D(14))
    assert payments(shop, sale) == [(PaymentKind.PAYMENT, D(20), date(2026, 11, 27), "Eftpos")]
    assert (owes(shop, ann), outstanding(shop, ann)) == (D(14), D(14))
    told = ("Payment recorded in Xero", "POS-0001. NZD 20.00 was paid. NZD 14.00 is still due.")
    assert till.history(sale.id)[-1] == told
    before = len(till.history(sale.id))
    shop.xero.clear_calls()
    poll(shop)
    assert (reads(shop), len(till.history(sale.id))) == (["/Invoices"], before)
    shop.xero.pay(xero_id(sale))
    poll(shop)
    seen = till.sale(sale.id)
    assert (seen.xero_status, seen.amount_due, owes(shop, ann)) == ("PAID", D(0), D(0))
    assert till.history(sale.id)[-1][1] == "POS-0001. NZD 14.00 was paid. Nothing is due any more."
    assert shop.session.get(Contact, (ann.business_id, ann.id)).version == 1  # type: ignore[union-attr]


def test_a_webhook_shows_a_payment_at_once_and_our_own_write_is_not_read(
    shop: DriftShop, till: SellingShop, ann: Contact
) -> None:
    sale = sold(shop, till, ann)
    shop.hear(sale.xero_id, at=datetime.fromisoformat(sale.xero_updated_at), category=ChangeCategory.INVOICE)
    shop.read()
    assert reads(shop) == ["/Contacts"]  # the balance that our own invoice changed
    shop.xero.pay(xero_id(sale), "34.00")
    shop.hear(sale.xero_id, category=ChangeCategory.INVOICE)
    shop.read()
    assert (till.sale(sale.id).amount_due, outstanding(shop, ann), shop.waiting()) == (D(0), D(0), 0)


def test_a_credit_and_a_removed_payment_are_followed(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    sale = sold(shop, till, ann)
    paid = shop.xero.pay(xero_id(sale), "10.00")
    shop.xero.credit(xero_id(sale), "4.00")
    poll(shop)
    assert [kind for kind, *_ in payments(shop, sale)] == [PaymentKind.CREDIT_NOTE, PaymentKind.PAYMENT]
    assert (till.sale(sale.id).credited, owes(shop, ann)) == (D(4), D(20))
    shop.xero.unpay(xero_id(sale), paid["Payments"][0]["PaymentID"])
    poll(shop)
    assert [kind for kind, *_ in payments(shop, sale)] == [PaymentKind.CREDIT_NOTE]
    assert till.history(sale.id)[-1] == (
        "Invoice changed in Xero",
        "POS-0001. A payment of NZD 10.00 was removed. NZD 30.00 is still due.",
    )
    assert (owes(shop, ann), outstanding(shop, ann)) == (D(30), D(30))


def test_a_sale_that_is_voided_in_xero_says_so_and_stays_as_it_is(
    shop: DriftShop, till: SellingShop, ann: Contact
) -> None:
    sale = sold(shop, till, ann)
    shop.xero.void(xero_id(sale))
    poll(shop)
    seen = till.sale(sale.id)
    assert (seen.xero_status, seen.amount_due, seen.xero_due, outstanding(shop, ann)) == ("VOIDED", D(34), D(0), D(0))
    assert till.history(sale.id)[-1][1].startswith("POS-0001. Voided in Xero. It still counts here")


def test_a_read_that_is_older_than_our_own_write_replaces_nothing(
    shop: DriftShop, till: SellingShop, ann: Contact
) -> None:
    sale = sold(shop, till, ann)
    with writing(shop.session):
        later = {"xero_updated_at": "", "xero_read_at": shop.now() + timedelta(minutes=1), "paid": D(34)}
        shop.session.execute(update(Sale).values(later | {"amount_due": D(0)}))
    poll(shop)
    assert till.sale(sale.id).paid == D(34)


def test_invoices_that_are_not_ours_are_known_from_the_first_reading_on(
    shop: DriftShop, till: SellingShop, ann: Contact
) -> None:
    contact = {"ContactID": str(shop.theirs(ann))}
    theirs = till.add_in_xero(Contact=contact, InvoiceNumber="X-1", Status="AUTHORISED")
    till.add_in_xero(Contact=contact, InvoiceNumber="X-2", Status="DRAFT")
    mine = sold(shop, till, ann)
    shop.run(DriftKind.OPEN_INVOICES)
    due = D(str(theirs["AmountDue"]))
    assert others(shop) == [("X-1", due)]
    assert outstanding(shop, ann) == due + D(34)
    shop.xero.pay(theirs["InvoiceID"])
    shop.xero.pay(xero_id(mine))
    shop.passed += timedelta(minutes=1)
    shop.run(DriftKind.OPEN_INVOICES)
    assert others(shop) == []
    shop.read()
    assert (till.sale(mine.id).amount_due, outstanding(shop, ann)) == (D(0), D(0))


def test_a_sale_that_is_being_pushed_is_read_again_later(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    sale = sold(shop, till, ann)
    shop.xero.pay(xero_id(sale))
    held: dict[str, Any] = {"lease_token": UUID(int=1), "leased_at": shop.now()}
    with writing(shop.session):
        shop.session.execute(update(Sale).values(held | {"lease_until": shop.now() + timedelta(minutes=1)}))
    poll(shop)
    assert till.sale(sale.id).paid == 0
    shop.leases_over()
    shop.read()
    assert till.sale(sale.id).paid == D(34)


def test_the_nightly_walk_reads_balances_that_no_invoice_explains(shop: DriftShop, ann: Contact) -> None:
    receivable = {"Outstanding": 12.5, "Overdue": 2.5}
    shop.xero.edit(shop.theirs(ann), Balances={"AccountsReceivable": receivable})
    shop.walk()
    link = shop.link(ann)
    assert (link.outstanding, link.overdue, link.balance_at is not None) == (D("12.50"), D("2.50"), True)
    assert shop.session.scalars(select(Link.differs)).one() is False


def test_a_shop_that_does_not_sell_on_account_reads_no_invoices(shop: DriftShop) -> None:
    shop.sweep()
    assert INVOICES not in [call["path"] for call in shop.xero.calls("/api.xro")]
    assert {kind for _, kind in shop.jobs.checks} == {DriftKind.POLL}
