"""A void is the last thing that Xero hears of a sale, and a sale that was taken back is never created."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from posxero.domain.enums import LinkState
from posxero.domain.money import ZERO
from tests.support.invoices import INVOICES, SellingShop

if TYPE_CHECKING:
    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.transports import Send


@pytest.fixture
def ann(shop: Shop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def test_a_sale_that_is_in_xero_is_voided_there(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    shop.push()
    till.void(sale_id)
    shop.push()
    (held,) = till.held()
    sale = till.sale(sale_id)
    assert (held["Status"], sale.xero_status, sale.sent_revision, sale.amount_due) == ("VOIDED", "VOIDED", 2, ZERO)
    assert till.history(sale_id)[-1] == ("Sale sent to Xero", "POS-0001. Voided in Xero.")


def test_a_sale_that_never_left_is_not_sent(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    till.void(sale_id)
    shop.push()
    assert (till.held(), till.puts()) == ([], 0)
    assert till.sale(sale_id).state is LinkState.ACTIVE


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_sale_whose_fate_is_unknown_is_looked_up_before_it_is_voided(
    shop: Shop, till: SellingShop, ann: Contact, fault: str
) -> None:
    sale_id = till.charge(ann)
    shop.xero.fault(fault, path=INVOICES, method="PUT")
    shop.push()
    till.void(sale_id)
    shop.wait_over()
    shop.push()
    assert [held["Status"] for held in till.held()] == (["VOIDED"] if fault == "drop_after" else [])
    assert (till.sale(sale_id).sent_revision, till.puts()) == (2, 1)


def test_an_invoice_that_lands_after_its_void_is_voided_when_it_is_found(
    shop: Shop, till: SellingShop, ann: Contact
) -> None:
    held_back: list[httpx2.Request] = []

    def hold_back(request: httpx2.Request, send: Send) -> httpx2.Response:
        if request.method == "PUT" and request.url.path == INVOICES:
            held_back.append(request)
            raise httpx2.ReadTimeout("held")
        return send(request)

    sale_id = till.charge(ann)
    with shop.intercepting(hold_back):
        shop.push()
    till.void(sale_id)
    shop.wait_over()
    shop.push()
    assert (till.held(), till.sale(sale_id).sent_revision) == ([], 2)
    (late,) = held_back
    assert shop.xero.http.send(late).is_success
    assert [held["Status"] for held in till.held()] == ["AUTHORISED"]
    till.pass_time(minutes=3)
    shop.push()
    assert [held["Status"] for held in till.held()] == ["VOIDED"]


def test_a_void_during_the_call_follows_it(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)

    def void_meanwhile(request: httpx2.Request, send: Send) -> httpx2.Response:
        answer = send(request)
        answer.read()
        if request.method == "PUT" and request.url.path == INVOICES:
            till.void(sale_id)
        return answer

    with shop.intercepting(void_meanwhile):
        shop.push()
    shop.push()
    sale = till.sale(sale_id)
    assert ([held["Status"] for held in till.held()], sale.amount_due) == (["VOIDED"], ZERO)
    assert sale.sent_revision == sale.owed_revision == 2


def test_a_void_needs_no_customer_who_can_be_sent(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    shop.push()
    shop.xero.act(shop.link(ann).xero_id, "archive")
    shop.edit(ann, email="ann@shop.example")
    till.void(sale_id)
    shop.push()
    assert shop.link(ann).state is LinkState.ARCHIVED
    assert [held["Status"] for held in till.held()] == ["VOIDED"]


def test_a_void_of_what_was_paid_in_xero_is_parked_with_the_cure(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    shop.push()
    words = "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it"

    def refuse(request: httpx2.Request, send: Send) -> httpx2.Response:
        if request.method != "POST" or request.url.path != INVOICES:
            return send(request)
        element = {
            "InvoiceID": str(till.sale(sale_id).xero_id),
            "Status": "VOIDED",
            "StatusAttributeString": "ERROR",
            "ValidationErrors": [{"Message": words}],
        }
        return httpx2.Response(200, json={"Invoices": [element]})

    till.void(sale_id)
    with shop.intercepting(refuse):
        shop.push()
    sale = till.sale(sale_id)
    assert sale.state is LinkState.PARKED
    assert sale.reason.startswith("This invoice has a payment or a credit in Xero")
    assert sale.reason.endswith(f"Xero says: “{words}”")
