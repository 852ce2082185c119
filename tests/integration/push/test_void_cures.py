"""Each reason why a sale that was voided is not void in Xero has a cure, after which Try again settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from posxero.domain.enums import LinkState
from posxero.services.push import retry
from tests.support.invoices import INVOICES, SellingShop
from tests.support.times import now

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.transports import Send

SETTLED = (LinkState.ACTIVE, "")


@pytest.fixture
def ann(shop: Shop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def outcome(till: SellingShop, sale_id: UUID) -> tuple[LinkState, str]:
    sale = till.sale(sale_id)
    return sale.state, sale.reason


def try_again(shop: Shop, sale_id: UUID) -> None:
    retry.try_again(shop.session, shop.business.id, sale_id, by="Mana", now=now(), jobs=shop.jobs)
    shop.push()


def test_what_xero_voided_before_is_done(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    shop.push()
    shop.xero.void(till.sale(sale_id).xero_id)
    till.void(sale_id)
    shop.push()
    assert outcome(till, sale_id) == SETTLED
    assert till.history(sale_id)[-1] == ("Sale sent to Xero", "POS-0001. Voided in Xero.")


@pytest.mark.parametrize("is_credited", [True, False])
def test_what_was_paid_there_is_credited_or_no_longer_paid(
    shop: Shop, till: SellingShop, ann: Contact, *, is_credited: bool
) -> None:
    sale_id = till.charge(ann)
    shop.push()
    xero_id = till.sale(sale_id).xero_id
    paid = shop.xero.pay(xero_id, "10.00")
    till.void(sale_id)
    shop.push()
    state, reason = outcome(till, sale_id)
    assert state is LinkState.PARKED
    assert "Remove that in Xero, or credit the rest" in reason
    if is_credited:
        shop.xero.credit(xero_id, "24.00")
    else:
        shop.xero.unpay(xero_id, paid["Payments"][0]["PaymentID"])
    try_again(shop, sale_id)
    assert outcome(till, sale_id) == SETTLED
    assert [held["Status"] for held in till.held()] == ["PAID" if is_credited else "VOIDED"]


@pytest.mark.parametrize("is_voided_there", [True, False])
def test_an_invoice_that_was_changed_before_we_knew_of_it_is_voided_here_or_there(
    shop: Shop, till: SellingShop, ann: Contact, *, is_voided_there: bool
) -> None:
    sale_id = till.charge(ann)
    shop.xero.fault("drop_after", path=INVOICES, method="PUT")
    shop.push()
    (held,) = till.held()
    line = {"Description": "Socks", "UnitAmount": "30.00", "AccountCode": "200"}
    shop.xero.change_invoice(held["InvoiceID"], LineItems=[line])
    shop.wait_over()
    shop.push()
    state, reason = outcome(till, sale_id)
    assert state is LinkState.PARKED
    assert "Correct or void that invoice in Xero, or void this sale." in reason
    if is_voided_there:
        shop.xero.void(held["InvoiceID"])
        try_again(shop, sale_id)
    else:
        till.void(sale_id)
        shop.push()
    assert outcome(till, sale_id) == SETTLED
    assert [held["Status"] for held in till.held()] == ["VOIDED"]


def test_of_an_invoice_that_xero_does_not_have_nothing_is_left_to_void(
    shop: Shop, till: SellingShop, ann: Contact
) -> None:
    sale_id = till.charge(ann)
    shop.push()

    def missing(request: httpx2.Request, send: Send) -> httpx2.Response:
        if not request.url.path.startswith(INVOICES):
            return send(request)
        is_list = request.method == "GET" and request.url.path == INVOICES
        return httpx2.Response(200, json={"Invoices": []}) if is_list else httpx2.Response(404, json={})

    till.void(sale_id)
    with shop.intercepting(missing):
        shop.push()
    assert outcome(till, sale_id) == SETTLED
    assert till.sale(sale_id).sent_revision == 2
