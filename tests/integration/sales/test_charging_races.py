"""Several tills at the same moment, each with a session of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from posxero.db.sale import Sale
from posxero.services.sales import balances
from posxero.services.sales.errors import OverLimit
from tests.support import factories, sales, tills

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.db.connection import Connection
    from posxero.db.contact import Contact

TILLS = 8


def together(make_session: Callable[[], Session], act: Callable[[Session, int], Any]) -> list[Any]:
    """Let several tills act at once; return what each came to."""
    start = Barrier(TILLS)
    sessions = [make_session() for _ in range(TILLS)]

    def one(number: int) -> Any:
        start.wait(10)
        try:
            return act(sessions[number], number)
        except OverLimit as refusal:
            return type(refusal)

    with ThreadPoolExecutor(TILLS) as pool:
        return list(pool.map(one, range(TILLS)))


def test_tills_together_do_not_pass_a_limit(
    make_session: Callable[[], Session], session: Session, business: Business, ann: Contact
) -> None:
    ann.credit_limit = Decimal(100)  # enough for two of 34.00
    session.commit()
    found = together(make_session, lambda own, _: sales.charge(own, business, ann).id)
    assert found.count(OverLimit) == TILLS - 2
    assert balances.owes(session, business.id, ann.id) == Decimal("68.00")


def test_every_sale_has_a_number_of_its_own(
    make_session: Callable[[], Session], session: Session, business: Business, connection: Connection
) -> None:
    sales.add_sales_settings(session, business, connection)
    customers = [factories.add_contact(session, business, f"Customer {number}") for number in range(TILLS)]

    def charge_five(own: Session, number: int) -> list[str]:
        return [sales.charge(own, business, customers[number]).number for _ in range(5)]

    together(make_session, charge_five)
    numbers = session.scalars(select(Sale.number).order_by(Sale.number)).all()
    assert numbers == [f"POS-{number:04}" for number in range(1, 5 * TILLS + 1)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")  # SQLite has one writer at a time
def test_eight_processes_take_a_number_each(session: Session, business: Business, connection: Connection) -> None:
    bound = session.connection()
    sales.add_sales_settings(session, business, connection)
    customers = [factories.add_contact(session, business, name) for name in ("Ann", "Ben")]
    session.commit()
    assert tills.charge_in_processes(TILLS, bound.engine.url, customers) == [0] * TILLS
    numbers = session.scalars(select(Sale.number).order_by(Sale.number)).all()
    assert numbers == [f"POS-{number:04}" for number in range(1, tills.SALES * TILLS + 1)]


def test_a_double_tap_makes_one_sale(
    make_session: Callable[[], Session], session: Session, business: Business, ann: Contact
) -> None:
    ids = together(make_session, lambda own, _: sales.charge(own, business, ann, idempotency_key="k").id)
    assert len(set(ids)) == 1
    assert session.scalar(select(func.count()).select_from(Sale)) == 1
