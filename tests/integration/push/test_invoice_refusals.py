"""What Xero refuses about an invoice, in words that say what to do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from posxero.db.engine import writing
from posxero.db.sale import Sale, SaleLine
from posxero.domain.enums import LinkState
from posxero.domain.refusals import Refusal
from posxero.services.push import retry
from posxero.services.push.kinds import invoice_reasons
from posxero.services.sales import organisation
from tests.support.times import now

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.db.contact import Contact
    from tests.support.invoices import SellingShop
    from tests.support.pushing import Shop


@pytest.fixture
def ann(shop: Shop, till: SellingShop) -> Contact:  # noqa: ARG001 - its settings
    return shop.customer("Ann Smith")


def change(shop: Shop, table: type[Any], **columns: Any) -> None:
    with writing(shop.session):
        shop.session.execute(update(table).values(**columns))


def refused(shop: Shop, till: SellingShop, sale_id: UUID) -> Sale:
    shop.push()
    sale = till.sale(sale_id)
    assert (sale.state, till.held()) == (LinkState.PARKED, [])
    assert sale.creation_key == ""
    return sale


@pytest.mark.parametrize(
    ("table", "columns", "reason"),
    [
        (SaleLine, {"account_code": "265"}, "The income account of this sale is archived in Xero."),
        (SaleLine, {"account_code": "090"}, "Xero doesn't accept the account of this sale for income."),
        (SaleLine, {"tax_type": "INPUT2"}, "Xero doesn't accept this tax rate for the income account."),
        (SaleLine, {"tax_type": "GONE"}, "The tax rate of this sale can't be used in Xero any more."),
        (Sale, {"sold_on": date(2009, 1, 1)}, "The books in Xero are locked for this date."),
        (Sale, {"currency": "CHF"}, "Your Xero organisation doesn't use the currency of this sale."),
    ],
)
def test_a_refusal_says_what_to_do_and_is_cured_by_trying_again(
    shop: Shop, till: SellingShop, ann: Contact, table: type[Any], columns: dict[str, Any], reason: str
) -> None:
    sale_id = till.charge(ann)
    change(shop, table, **columns)
    sale = refused(shop, till, sale_id)
    assert sale.reason.startswith(reason)
    assert "Xero says: “" in sale.reason
    good = {"account_code": "200", "tax_type": "OUTPUT2", "sold_on": sale.due_on, "currency": "NZD"}
    change(shop, table, **{key: good[key] for key in columns})
    retry.try_again(shop.session, shop.business.id, sale_id, by="Sam", now=now(), jobs=shop.jobs)
    shop.push()
    assert till.sale(sale_id).sent_revision == 1
    assert len(till.held()) == 1


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("The contact must be un-archived before creating new invoices", "The customer is archived in Xero"),
        (
            "The document date cannot be before the end of year lock date, currently set at 31-Jul-2013",
            "The books in Xero are locked",
        ),
        ("Account code '200' is not a valid code for this document.", "Xero doesn't accept the account of this sale"),
        ("The TaxType code 'x' cannot be used with account code '200'.", "Xero doesn't accept this tax rate"),
        ("Invoice not of valid status for modification", "The invoice was changed in Xero"),
        ("Something new", "Xero does not accept this sale."),
        ("Invoice # must be unique.", "Xero has other invoices with the number POS-0001"),
    ],
)
def test_xeros_words_are_put_plainly(words: str, meaning: str) -> None:
    reason = invoice_reasons.explain("POS-0001", [words]).reason
    assert reason.startswith(meaning)
    assert reason.endswith(f"Xero says: “{words}”")


def test_a_refusal_without_words_says_so() -> None:
    assert invoice_reasons.explain("POS-0001", ["", ""]) == Refusal(invoice_reasons.NO_REASON)


def test_the_history_says_what_was_refused(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    change(shop, SaleLine, account_code="265")
    refused(shop, till, sale_id)
    label, note = till.history(sale_id)[-1]
    assert label == "Sale not sent to Xero"
    assert note.startswith("POS-0001. The income account of this sale is archived in Xero.")


@pytest.mark.parametrize(
    ("table", "columns"),
    [(SaleLine, {"account_code": "265"}), (SaleLine, {"tax_type": "GONE"}), (Sale, {"sold_on": date(2009, 1, 1)})],
)
def test_what_the_organisation_allows_is_read_again_after_a_refusal_by_it(
    shop: Shop, till: SellingShop, ann: Contact, table: type[Any], columns: dict[str, Any]
) -> None:
    sale_id = till.charge(ann)
    change(shop, table, **columns)
    assert organisation.due_businesses(shop.session, now=now()) == []
    refused(shop, till, sale_id)
    assert organisation.due_businesses(shop.session, now=now()) == [shop.business.id]


def test_another_refusal_reads_nothing_again(shop: Shop, till: SellingShop, ann: Contact) -> None:
    sale_id = till.charge(ann)
    change(shop, Sale, currency="CHF")
    refused(shop, till, sale_id)
    assert organisation.due_businesses(shop.session, now=now()) == []
