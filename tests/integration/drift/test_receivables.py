"""What a customer owes here, beside Xero's balance: explained to the cent, on pages, and in the limit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from posxero.domain.balance_differences import DifferenceReason
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.money import ZERO
from posxero.services.contacts import contacts
from posxero.services.sales import balances
from posxero.services.sales.errors import OverLimit
from posxero.services.sales.receivables import explanation
from tests.support.invoices import SellingShop
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posxero.db.business import User
    from posxero.db.contact import Contact
    from posxero.services.sales.receivables.explanation import Explanation
    from tests.support.browser import Browser
    from tests.support.drifting import DriftShop

    SignIn = Callable[[User], Browser]

D = Decimal


@pytest.fixture
def till(shop: DriftShop) -> SellingShop:
    return SellingShop(shop)


@pytest.fixture
def ann(shop: DriftShop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def explain(shop: DriftShop, contact: Contact) -> Explanation:
    """Explain the balance; the lines must add up."""
    found = explanation.load(
        shop.session, *contacts.with_link(shop.session, shop.business.id, contact.id, shop.connection.tenant_id)
    )
    shop.session.rollback()
    assert found.outstanding is not None
    assert found.owes + sum((line.amount for line in found.lines), ZERO) == found.outstanding
    return found


def theirs(shop: DriftShop, till: SellingShop, contact: Contact) -> Mapping[str, object]:
    """Create an invoice in Xero that is not ours: 1.15, due on 20 December 2026."""
    return till.add_in_xero(Contact={"ContactID": str(shop.theirs(contact))}, InvoiceNumber="X-1", Status="AUTHORISED")


def test_every_reason_stands_on_a_line_and_they_add_up(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    paid, voided_there = till.charge(ann), till.charge(ann)
    theirs(shop, till, ann)
    shop.push()
    shop.xero.pay(str(till.sale(paid).xero_id), "10.00")
    shop.xero.void(str(till.sale(voided_there).xero_id))
    shop.run(DriftKind.OPEN_INVOICES)
    shop.run(DriftKind.INVOICES)
    till.charge(ann)
    found = explain(shop, ann)
    assert {line.reason: line.amount for line in found.lines} == {
        DifferenceReason.NOT_SENT: D("-34.00"),
        DifferenceReason.VOIDED_THERE: D("-34.00"),
        DifferenceReason.OTHER_INVOICES: D("1.15"),
    }
    assert (found.charged, found.settled, found.owes, found.outstanding) == (D(102), D(10), D(92), D("25.15"))
    assert [invoice.number for invoice in found.invoices] == ["X-1"]
    assert {sale.reason for sale in found.sales} == {DifferenceReason.NOT_SENT, DifferenceReason.VOIDED_THERE}


def test_a_payment_that_was_not_seen_yet_is_named_once_it_is(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    shop.push()
    shop.run(DriftKind.INVOICES)
    assert explain(shop, ann).lines == []
    shop.xero.pay(str(till.sale(sale_id).xero_id), "4.00")
    shop.walk()  # it reads balances, and no invoices
    assert [line.amount for line in explain(shop, ann).lines] == [D("-4.00")]
    shop.run(DriftKind.INVOICES)
    assert explain(shop, ann).lines == []


def test_the_limit_counts_invoices_of_xero_that_are_not_ours(shop: DriftShop, till: SellingShop, ann: Contact) -> None:
    theirs(shop, till, ann)
    shop.run(DriftKind.OPEN_INVOICES)
    account = balances.load_account(shop.session, ann, D("35.00"))
    assert (account.owes, account.elsewhere, account.over_by) == (D(0), D("1.15"), ZERO)
    with pytest.raises(OverLimit) as refusal:
        account.check(D("34.00"))
    assert (refusal.value.owes, refusal.value.elsewhere, refusal.value.total) == (D(0), D("1.15"), D(34))
    shop.session.rollback()


def test_the_customer_the_explanation_and_the_statement_say_it_in_words(
    shop: DriftShop, till: SellingShop, ann: Contact, sign_in: SignIn, staff: User
) -> None:
    sale_id = till.charge(ann)
    theirs(shop, till, ann)
    shop.push()
    shop.xero.pay(str(till.sale(sale_id).xero_id), "10.00", date=f"{now():%Y-%m-%d}")
    shop.run(DriftKind.OPEN_INVOICES)
    shop.run(DriftKind.INVOICES)
    browser = sign_in(staff)
    page = browser.get(f"/customers/{ann.id}").text
    assert "Owes <strong>$24.00</strong>, and $1.15 on other invoices in Xero." in page
    why = browser.get(f"/customers/{ann.id}/balance").text
    assert "Ann Smith owes $24.00 here, and $25.15 in Xero." in why
    assert "Invoices in Xero that are not sales of Retail POS" in why
    statement = browser.get(f"/customers/{ann.id}/statement").text
    assert "Statement for Ann Smith" in statement
    assert statement.count("POS-0001") == 2  # the sale and its payment
    assert "$24.00" in statement
    long_ago = browser.get(f"/customers/{ann.id}/statement?since=2020-01-01&until=2020-01-31").text
    assert "POS-0001" not in long_ago
    assert "$0.00" in long_ago


def test_xeros_balance_that_was_never_read_is_not_guessed(
    shop: DriftShop, till: SellingShop, ann: Contact, sign_in: SignIn, staff: User
) -> None:
    till.charge(ann)
    shop.session.rollback()
    page = sign_in(staff).get(f"/customers/{ann.id}/balance").text
    assert "Xero's balance for this customer has not been read yet." in page.replace("&#39;", "'")
