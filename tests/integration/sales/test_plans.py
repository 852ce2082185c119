"""A customer with 5,000 sales opens as fast as one with 5: what is read comes off indexes, in their order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, text

from posxero.db.base import new_id
from posxero.db.sale import Sale
from posxero.services.sales import balances, queries
from posxero.services.sales.queries import SaleFilter, StatusFilter
from tests.support import factories, sales
from tests.support.times import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.contact import Contact

SALES, CUSTOMERS = 5000, 20
SLOW = ("SCAN sale", "Seq Scan on sale ", "TEMP B-TREE", "Sort  (")


def bulk(session: Session, business: Business, contact_ids: list[UUID], *, unpaid_every: int) -> None:
    rows = [
        {
            "business_id": business.id,
            "id": new_id(),
            "tenant_id": business.id,
            "sent_revision": 1,
            "owed_revision": 1,
            "tries": 0,
            "number": f"S-{number}",
            "contact_id": contact_ids[number % len(contact_ids)],
            "sold_on": sales.TODAY - timedelta(days=number % 300),
            "due_on": sales.TODAY,
            "currency": "NZD",
            "url": "https://pos.example/sales",
            "total": Decimal(10),
            "tax": Decimal(1),
            "amount_due": Decimal(10 if number % unpaid_every == 0 else 0),
            "created_at": LONG_AGO,
            "created_by": "Sam",
        }
        for number in range(SALES)
    ]
    session.execute(insert(Sale), rows)
    session.commit()


def plans(session: Session, ask: Callable[[], Any]) -> str:
    """Return the plans of the statements that `ask` runs."""
    found: list[str] = []
    connection = session.connection()
    explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "

    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("EXPLAIN"):
            cursor.execute(explain + statement, parameters)
            found.extend(str(row) for row in cursor.fetchall())

    event.listen(connection, "before_cursor_execute", note)
    ask()
    event.remove(connection, "before_cursor_execute", note)
    return "\n".join(found)


@pytest.fixture
def many(session: Session, business: Business, ann: Contact) -> list[UUID]:
    """Twenty customers with 250 sales each, most of them paid."""
    others = [factories.add_contact(session, business, f"Customer {number}") for number in range(CUSTOMERS - 1)]
    ids = [ann.id, *(other.id for other in others)]
    bulk(session, business, ids, unpaid_every=7)
    if session.connection().dialect.name == "postgresql":  # SQLite goes by no statistics; they would stay
        session.execute(text("ANALYZE sale, contact"))
    session.commit()
    return ids


@pytest.mark.slow
def test_what_is_read_of_sales_comes_off_indexes(session: Session, business: Business, many: list[UUID]) -> None:
    customer = SaleFilter(contact_id=many[0])
    asked: list[Callable[[], Any]] = [
        lambda: queries.page(session, business.id, SaleFilter(), before=new_id()),
        lambda: queries.page(session, business.id, customer, before=new_id()),
        lambda: queries.totals(session, business.id, customer),
        lambda: queries.totals(session, business.id, SaleFilter(day=date(2026, 11, 20))),
        lambda: queries.totals(session, business.id, SaleFilter(status=StatusFilter.OVERDUE, today=sales.TODAY)),
        lambda: balances.owes(session, business.id, many[0]),
    ]
    for ask in asked:
        plan = plans(session, ask)
        assert "sale" in plan
        assert [slow for slow in SLOW if slow in plan] == [], plan
    for status in StatusFilter:
        plan = plans(session, partial(queries.page, session, business.id, SaleFilter(status=status)))
        kind = {StatusFilter.FAILED: "stuck", StatusFilter.OVERDUE: "unpaid"}.get(status, status.value)
        # Nearly all are paid: any index in the order of time finds those as fast.
        assert f"ix_sale_list_{kind}" in plan or (status is StatusFilter.PAID and "Seq Scan on sale " not in plan), plan


@pytest.mark.usefixtures("many")
def test_the_account_of_a_customer_takes_no_row_of_a_sale(session: Session, ann: Contact) -> None:
    session.refresh(ann)
    plan = plans(session, lambda: balances.load_account_on(session, ann, sales.TODAY))
    of_sale = "ix_sale_unpaid" if session.connection().dialect.name == "postgresql" else "COVERING INDEX ix_sale_unpaid"
    assert of_sale in plan, plan
    assert [slow for slow in SLOW if slow in plan] == [], plan
    assert "ix_sale" not in plans(session, lambda: balances.load_account(session, ann, None))
