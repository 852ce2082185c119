"""Sales become invoices: after their customer, once, under our number."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState, LinkState
from posxero.domain.sale_rules import TypedLine
from tests.support import factories
from tests.support.invoices import INVOICES, SellingShop

if TYPE_CHECKING:
    from uuid import UUID

    import httpx2

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.transports import Send


@pytest.fixture
def ann(shop: Shop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def test_a_sale_is_one_invoice_after_its_customer(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann, TypedLine("Socks", "34.00"), TypedLine("Wool", "1.99", "0.5"), reference="Ria")
    shop.push()
    assert [call["method"] + call["path"].removeprefix("/api.xro/2.0") for call in shop.xero.calls("/api.xro")] == [
        "POST/Contacts",
        "PUT/Invoices",
    ]
    sale, (held,) = till.sale(sale_id), till.held()
    assert (sale.sent_revision, sale.xero_total, sale.xero_status) == (1, Decimal("35.00"), "AUTHORISED")
    assert (sale.amount_due, sale.tax, str(sale.xero_id)) == (Decimal("35.00"), Decimal("4.56"), held["InvoiceID"])
    assert {key: held[key] for key in ("InvoiceNumber", "Reference", "Status", "LineAmountTypes", "CurrencyCode")} == {
        "InvoiceNumber": "POS-0001",
        "Reference": "Ria",
        "Status": "AUTHORISED",
        "LineAmountTypes": "Inclusive",
        "CurrencyCode": "NZD",
    }
    assert (held["Total"], held["TotalTax"], held["DueDateString"]) == (35.0, 4.56, "2026-12-20T00:00:00")
    assert held["Contact"]["ContactID"] == str(shop.link(ann).xero_id)
    assert held["Url"] == sale.url
    assert [(line["Quantity"], line["UnitAmount"], line["LineAmount"]) for line in held["LineItems"]] == [
        (1.0, 34.0, 34.0),
        (0.5, 1.99, 1.0),
    ]
    assert till.history(sale_id)[-1] == ("Sale sent to Xero", "POS-0001. Added to Xero as an invoice.")


def test_a_customer_who_is_not_in_xero_is_added_first(shop: Shop, till: SellingShop) -> None:
    ben = shop.unlinked("Ben")
    sale_id = till.charge(ben)
    shop.push()
    (held,) = till.held()
    assert held["Contact"]["ContactID"] == str(shop.link(ben).xero_id)
    assert till.sale(sale_id).sent_revision == 1


def test_a_parked_customer_blocks_its_sales_and_no_others(shop: Shop, till: SellingShop, ann: Contact) -> None:
    shop.xero.add(Name="Ben")
    ben = shop.unlinked("Ben")
    blocked, free = till.charge(ben), till.charge(ann)
    shop.push()
    assert shop.link(ben).state is LinkState.PARKED
    assert (till.sale(blocked).sent_revision, till.sale(free).sent_revision) == (0, 1)
    shop.edit(ben, name="Ben Nevis")
    shop.push()
    assert till.sale(blocked).sent_revision == 1
    assert len(till.held()) == 2


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "503", "500"])
def test_a_lost_answer_makes_no_second_invoice(shop: Shop, till: SellingShop, ann: Contact, fault: str) -> None:
    sale_id = till.charge(ann)
    shop.xero.fault(fault, path=INVOICES, method="PUT")
    shop.push()
    assert till.sale(sale_id).sent_revision == 0
    shop.wait_over()
    shop.push()
    (held,) = till.held()
    sale = till.sale(sale_id)
    assert (sale.sent_revision, sale.number, str(sale.xero_id)) == (1, "POS-0001", held["InvoiceID"])
    looked_up = [call for call in shop.xero.calls(INVOICES, "GET") if "InvoiceNumbers" in str(call)]
    assert looked_up, "an attempt whose outcome is unknown is looked up before the next"


def test_a_worker_killed_before_its_commit_makes_no_second_invoice(shop: Shop, till: SellingShop, ann: Contact) -> None:
    class Killed(BaseException):
        pass

    def kill_after(request: httpx2.Request, send: Send) -> httpx2.Response:
        answer = send(request)
        answer.read()
        if request.method == "PUT" and request.url.path == INVOICES:
            raise Killed
        return answer

    sale_id = till.charge(ann)
    with shop.intercepting(kill_after), pytest.raises(Killed):
        shop.push()
    shop.session.rollback()
    shop.leases_over()
    shop.push()
    assert len(till.held()) == 1
    assert till.sale(sale_id).sent_revision == 1
    assert till.puts() == 1


def test_a_number_that_somebody_else_used_is_skipped(shop: Shop, till: SellingShop, ann: Contact) -> None:
    contact = {"ContactID": str(shop.link(ann).xero_id)}
    for number in ("POS-0001", "pos-0002"):
        till.add_in_xero(Contact=contact, InvoiceNumber=number, Status="AUTHORISED")
    sale_id = till.charge(ann)
    shop.push()
    sale = till.sale(sale_id)
    assert (sale.number, sale.sent_revision, sale.tries, sale.reason) == ("POS-0003", 1, 0, "")
    assert [held["InvoiceNumber"] for held in till.held() if held.get("Url")] == ["POS-0003"]
    assert ("Sale will be sent to Xero later", f"POS-0001. {words()}") in till.history(sale_id)
    assert till.sale(till.charge(ann)).number == "POS-0004"


def words() -> str:
    return "Xero has another invoice with this number, so the next number is used."


def test_a_sale_stops_after_too_many_numbers_that_are_taken(shop: Shop, till: SellingShop, ann: Contact) -> None:
    contact = {"ContactID": str(shop.link(ann).xero_id)}
    for number in range(1, 12):
        till.add_in_xero(Contact=contact, InvoiceNumber=f"POS-{number:04}", Status="AUTHORISED")
    sale_id = till.charge(ann)
    for _ in range(9):
        shop.push()
        shop.wait_over()
    sale = till.sale(sale_id)
    assert sale.state is LinkState.PARKED
    assert "Choose another number prefix or next number in Settings → Sales" in sale.reason


@pytest.mark.parametrize("other", ["contact", "total"])
def test_an_invoice_with_our_address_that_is_not_this_sale_is_left_alone(
    shop: Shop, till: SellingShop, ann: Contact, other: str
) -> None:
    sale_id = till.charge(ann)
    theirs = shop.xero.add(Name="Ben")["ContactID"] if other == "contact" else str(shop.link(ann).xero_id)
    line = {"Description": "Socks", "UnitAmount": 35 if other == "total" else 34, "AccountCode": "200"}
    till.add_in_xero(
        Contact={"ContactID": theirs},
        InvoiceNumber="POS-0001",
        Url=till.sale(sale_id).url,
        LineItems=[line],
        LineAmountTypes="Inclusive",
    )
    shop.push()
    sale = till.sale(sale_id)
    assert (sale.state, sale.xero_id, len(till.held())) == (LinkState.PARKED, None, 1)
    assert f"of this sale, but {'for another contact' if other == 'contact' else 'with another total, 35.00'}" in (
        sale.reason
    )


def test_sales_wait_while_the_connection_is_lost(shop: Shop, till: SellingShop, ann: Contact) -> None:
    ids: list[UUID] = [till.charge(ann) for _ in range(3)]
    shop.xero.fault("503", count=1)
    shop.push()
    assert all(till.sale(one).sent_revision == 0 for one in ids)
    shop.wait_over()
    shop.push()
    assert all(till.sale(one).sent_revision == 1 for one in ids)
    assert len(till.held()) == 3


@pytest.mark.slow
def test_forty_sales_wait_for_a_new_consent_and_are_an_invoice_each(
    shop: Shop, till: SellingShop, ann: Contact
) -> None:
    count = 40
    for _ in range(count):
        till.charge(ann)
    shop.xero.fault("disconnect")
    shop.push()
    shop.session.refresh(shop.connection)
    assert shop.connection.state is ConnectionState.LOST
    grant = factories.add_grant(shop.session, shop.business, shop.xero, shop.ports.vault)
    with writing(shop.session):
        shop.connection.grant_id, shop.connection.state, shop.connection.reason = (
            grant.id,
            ConnectionState.CONNECTED,
            "",
        )
    for _ in range(count):
        shop.push()
        if till.puts() == count:
            break  # else the turn of that push was over
    assert sorted(held["InvoiceNumber"] for held in till.held()) == [
        f"POS-{number:04}" for number in range(1, count + 1)
    ]
    assert till.puts() == count
