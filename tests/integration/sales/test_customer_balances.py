"""What a customer owes and was last sold stands on the customer's own row, and follows every change of a sale."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from posxero.db.contact import Contact
from posxero.db.engine import writing
from posxero.services import customer_balances
from posxero.services.sales import balances, voiding
from tests.support import factories, sales
from tests.support.fakes import RecordingQueue
from tests.support.times import now

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business

    Standing = tuple[Decimal, date | None]


def standing(session: Session, contact_id: UUID) -> Standing:
    found = session.execute(select(Contact.owes, Contact.last_sold_on).where(Contact.id == contact_id)).one()
    session.commit()
    return found.owes, found.last_sold_on


def test_sales_and_voids_are_counted_on_the_customers_row(session: Session, business: Business, ann: Contact) -> None:
    bea = factories.add_contact(session, business, "Bea")
    assert standing(session, ann.id) == (Decimal(0), None)
    earlier = sales.charge(session, business, ann, sold_on="2026-11-02")
    later = sales.charge(session, business, ann)
    assert standing(session, ann.id) == (Decimal("68.00"), date(2026, 11, 26))
    for sale, left in ((later, (Decimal("34.00"), date(2026, 11, 2))), (earlier, (Decimal(0), None))):
        voiding.void(session, business.id, sale.id, by="Mana", now=now(), jobs=RecordingQueue())
        assert standing(session, ann.id) == left
    assert standing(session, bea.id) == (Decimal(0), None)


def test_money_on_a_sale_is_counted_beyond_its_total_is_no_debt_of_the_shop(
    session: Session, business: Business, ann: Contact
) -> None:
    sale = sales.charge(session, business, ann)
    with writing(session):
        sale.paid, sale.amount_due = Decimal("40.00"), Decimal("-6.00")
        customer_balances.refresh(session, business.id, [ann.id, uuid4()])
    assert standing(session, ann.id) == (Decimal(0), date(2026, 11, 26))
    assert balances.owes(session, business.id, ann.id) == 0
