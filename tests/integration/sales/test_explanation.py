"""Why Xero says otherwise: the lines lead from what a customer owes here to Xero's balance, to the cent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from posxero.db.base import new_id
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import Sale, SalePayment
from posxero.domain.balance_differences import BalanceLine, DifferenceReason, explain
from posxero.domain.enums import SaleStatus
from posxero.domain.payments import PaymentKind
from posxero.services import customer_balances
from posxero.services.sales import balances
from posxero.services.sales.errors import OverLimit
from posxero.services.sales.receivables import explanation, statement
from tests.support import factories, sales
from tests.support.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact
    from tests.support.browser import Browser

    SignIn = Callable[[User], Browser]

D = Decimal
AMOUNTS = st.decimals(-100_000, 100_000, places=2)


@given(AMOUNTS, st.lists(st.tuples(st.sampled_from(DifferenceReason), AMOUNTS), max_size=6), AMOUNTS, st.booleans())
def test_the_lines_add_up_to_the_cent_whatever_is_known(
    owes: Decimal,
    known: list[tuple[DifferenceReason, Decimal]],
    outstanding: Decimal,
    is_being_read: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    lines = explain(owes, [BalanceLine(*one) for one in known], outstanding, is_being_read=is_being_read)
    assert owes + sum(line.amount for line in lines) == outstanding
    assert all(line.amount for line in lines)


def link_of(session: Session, contact: Contact) -> Link:
    return session.query(Link).filter_by(contact_id=contact.id).populate_existing().one()


def set_sale(session: Session, sale: Sale, **columns: object) -> None:
    with writing(session):
        for key, value in columns.items():
            setattr(sale, key, value)
        customer_balances.refresh(session, sale.business_id, [sale.contact_id])


def in_xero(session: Session, sale: Sale, **columns: object) -> None:
    there = {"xero_id": uuid4(), "xero_total": sale.total, "xero_due": sale.total, "xero_status": "AUTHORISED"}
    set_sale(session, sale, **{**there, **columns})


def add_other_invoice(session: Session, contact: Contact, amount: str, due_on: date, number: str = "X-1") -> None:
    link = link_of(session, contact)
    with writing(session):
        session.add(
            OtherInvoice(
                business_id=contact.business_id,
                id=new_id(),
                tenant_id=link.tenant_id,
                xero_id=uuid4(),
                xero_contact_id=link.xero_id,
                number=number,
                due_on=due_on,
                amount_due=D(amount),
                xero_read_at=now(),
            )
        )


def set_balance(session: Session, contact: Contact, outstanding: str, at: datetime | None = None) -> None:
    link = link_of(session, contact)
    with writing(session):
        link.outstanding, link.overdue, link.balance_at = D(outstanding), D(0), at or now()


@pytest.fixture
def explained(session: Session, business: Business, ann: Contact) -> explanation.Explanation:
    """Ann with a sale of 34.00 for every reason, and 10.00 of credit that is applied to nothing."""
    sold = [sales.charge(session, business, ann) for _ in range(6)]
    in_xero(session, sold[1], paid=D(10), amount_due=D(24), xero_due=D(24))
    in_xero(session, sold[2], xero_total=D("34.01"), xero_due=D("34.01"))
    in_xero(session, sold[3], xero_status="VOIDED", xero_due=D(0))
    in_xero(session, sold[4], xero_status="DRAFT", xero_due=D(0))
    in_xero(session, sold[5], status=SaleStatus.VOIDED, amount_due=D(0))
    add_other_invoice(session, ann, "115.00", date(2026, 1, 1))
    set_balance(session, ann, "197.01")  # 24 + 34.01 + 34 + 115 - 10
    return explanation.load(session, ann, link_of(session, ann))


def test_every_reason_is_a_line_of_its_own(explained: explanation.Explanation) -> None:
    assert (explained.charged, explained.settled, explained.owes) == (D(170), D(10), D(160))
    assert {line.reason: line.amount for line in explained.lines} == {
        DifferenceReason.NOT_SENT: D(-34),
        DifferenceReason.OTHER_TOTAL: D("0.01"),
        DifferenceReason.VOIDED_THERE: D(-34),
        DifferenceReason.NOT_APPROVED: D(-34),
        DifferenceReason.VOIDED_HERE: D(34),
        DifferenceReason.OTHER_INVOICES: D(115),
        DifferenceReason.OPEN_CREDIT: D(-10),
    }
    assert explained.owes + sum(line.amount for line in explained.lines) == explained.outstanding
    assert len(explained.sales) == 5
    assert [invoice.number for invoice in explained.invoices] == ["X-1"]


def test_it_is_only_asked_why_where_xero_says_otherwise(
    session: Session, business: Business, sign_in: SignIn, bookkeeper: User, ann: Contact
) -> None:
    bo, why = sign_in(bookkeeper), "Why does Xero say otherwise?"
    page = bo.get(f"/customers/{ann.id}").text
    assert why not in page
    assert "Xero says" not in page
    in_xero(session, sales.charge(session, business, ann))
    set_balance(session, ann, "34.00")
    page = bo.get(f"/customers/{ann.id}").text
    assert why not in page
    assert "Xero says the same</a>" in page
    explained = bo.get(f"/customers/{ann.id}/balance").text
    assert why not in explained
    assert "owes $34.00 here, and Xero says the same." in explained
    set_balance(session, ann, "30.00")
    assert "Xero says $30.00." in bo.get(f"/customers/{ann.id}").text
    assert why in bo.get(f"/customers/{ann.id}").text
    assert why in bo.get(f"/customers/{ann.id}/balance").text


@pytest.mark.usefixtures("explained")
def test_the_page_says_it_in_words(session: Session, sign_in: SignIn, bookkeeper: User, ann: Contact) -> None:
    bo = sign_in(bookkeeper)
    page = " ".join(bo.get(f"/customers/{ann.id}/balance").text.split())
    assert "Ann Smith owes $160.00 here, and $197.01 in Xero." in page
    for reason in ("not_sent", "other_total", "other_invoices", "open_credit"):
        assert str(escape(DifferenceReason(reason).label)) in page
    detail = " ".join(bo.get(f"/customers/{ann.id}").text.split())
    assert "Owes <strong>$160.00</strong>, and $115.00 on other invoices in Xero." in detail
    assert "$115.00 is overdue." in detail
    with writing(session):
        ann.credit_limit = D(200)
    detail = " ".join(bo.get(f"/customers/{ann.id}").text.split())
    assert "Over the limit by $75.00." in detail


def test_a_customer_without_a_link_is_explained_too(
    session: Session, business: Business, sign_in: SignIn, staff: User
) -> None:
    bea = factories.add_contact(session, business, "Bea")
    page = sign_in(staff).get(f"/customers/{bea.id}/balance").text
    assert "is not linked to Xero" in page


def test_invoices_of_xero_that_are_not_ours_count_towards_the_limit(
    session: Session, business: Business, ann: Contact, connection: Connection
) -> None:
    add_other_invoice(session, ann, "80.00", date(2026, 12, 24))
    with writing(session):
        ann.credit_limit = D(100)
    with pytest.raises(OverLimit) as refused:
        sales.charge(session, business, ann)
    assert (refused.value.owes, refused.value.elsewhere, refused.value.total) == (D(0), D(80), D(34))
    with writing(session):
        ann.credit_limit = D(114)
    sales.charge(session, business, ann)
    session.refresh(ann)
    account = balances.load_account_on(session, ann, date(2026, 12, 1))
    assert (account.owes, account.elsewhere, account.overdue, account.over_by) == (D(34), D(80), D(0), D(0))
    assert balances.load_account_on(session, ann, date(2026, 12, 25)).overdue == D(114)
    assert connection.tenant_id == link_of(session, ann).tenant_id


def test_a_statement_begins_with_what_was_open_and_ends_with_what_is(
    session: Session, business: Business, sign_in: SignIn, staff: User, ann: Contact
) -> None:
    sold = [sales.charge(session, business, ann, sold_on=f"2026-{day}") for day in ("10-02", "11-05", "11-20")]
    rows = ((0, "2026-10-20", 10), (0, "2026-11-10", 24), (2, "2026-11-26", 4))
    with writing(session):
        for index, day, amount in rows:
            columns = {"sale_id": sold[index].id, "paid_on": date.fromisoformat(day), "amount": D(amount)}
            kind = {"kind": PaymentKind.PAYMENT, "xero_id": UUID(int=1)}
            session.add(SalePayment(business_id=business.id, id=new_id(), **columns, **kind))
    found = statement.load(session, business.id, ann.id, date(2026, 11, 1), date(2026, 11, 25))
    assert (found.opening, found.closing, found.is_cut) == (D(24), D(68), False)
    assert [(one.what, one.amount, one.balance) for one in found.entries] == [
        ("Sale", D(34), D(58)),
        ("Payment", D(-24), D(34)),
        ("Sale", D(34), D(68)),
    ]
    page = sign_in(staff).get(f"/customers/{ann.id}/statement?since=2026-11-01&until=2026-11-25").text
    assert "$24.00" in page
    assert "POS-0002" in page
    for odd in ("since=x&until=0001-01-01", "since=2027-01-01&until=2026-01-01"):
        assert sign_in(staff).get(f"/customers/{ann.id}/statement?{odd}").status_code == 200
