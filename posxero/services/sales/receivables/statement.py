"""A customer's statement: what was open before a period, every sale and payment of it, and what is open at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from posxero.db.sale import Sale, SalePayment
from posxero.domain.enums import SaleStatus
from posxero.domain.money import ZERO

MAX_ENTRIES: Final = 500  # of one statement; a longer period is cut, and says so


class Entry(NamedTuple):
    """A sale, or a payment or credit that lowers what is owed. `sale_id` is the sale that it belongs to."""

    on: date
    what: str
    number: str
    sale_id: UUID
    amount: Decimal
    balance: Decimal  # what is owed after it


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of a period; `is_cut` where its later entries are not shown."""

    since: date
    until: date
    opening: Decimal
    entries: Sequence[Entry]
    closing: Decimal
    is_cut: bool


def load(session: Session, business_id: UUID, contact_id: UUID, since: date, until: date) -> Statement:
    """Load the statement of a customer. Voided sales are left out, and what was paid on them."""
    ours = and_(Sale.business_id == business_id, Sale.contact_id == contact_id, Sale.status == SaleStatus.OPEN)
    opening = _owed_before(session, ours, since)
    found = sorted([*_sales(session, ours, since, until), *_payments(session, ours, since, until)], key=_order)
    entries, balance = [], opening
    for entry in found[:MAX_ENTRIES]:
        balance += entry.amount
        entries.append(entry._replace(balance=balance))
    is_cut = len(found) > MAX_ENTRIES
    closing = _owed_until(session, ours, until) if is_cut else balance
    return Statement(since, until, opening, entries, closing, is_cut)


def _owed_before(session: Session, ours: ColumnElement[bool], since: date) -> Decimal:
    return _owed(session, ours, Sale.sold_on < since, SalePayment.paid_on < since)


def _owed_until(session: Session, ours: ColumnElement[bool], until: date) -> Decimal:
    return _owed(session, ours, Sale.sold_on <= until, SalePayment.paid_on <= until)


def _owed(session: Session, ours: ColumnElement[bool], sold: ColumnElement[bool], paid: ColumnElement[bool]) -> Decimal:
    settled = select(func.sum(SalePayment.amount)).join(Sale, _of_sale()).where(ours, paid)
    return (session.scalar(select(func.sum(Sale.total)).where(ours, sold)) or ZERO) - (session.scalar(settled) or ZERO)


def _sales(session: Session, ours: ColumnElement[bool], since: date, until: date) -> list[Entry]:
    query = select(Sale.sold_on, Sale.number, Sale.id, Sale.total).where(ours, Sale.sold_on.between(since, until))
    rows = session.execute(query.order_by(Sale.sold_on, Sale.id).limit(MAX_ENTRIES + 1))
    return [Entry(row.sold_on, "Sale", row.number, row.id, row.total, ZERO) for row in rows]


def _payments(session: Session, ours: ColumnElement[bool], since: date, until: date) -> list[Entry]:
    query = (
        select(SalePayment.paid_on, SalePayment.kind, Sale.number, Sale.id, SalePayment.amount)
        .join(Sale, _of_sale())
        .where(ours, SalePayment.paid_on.between(since, until))
        .order_by(SalePayment.paid_on, SalePayment.id)
        .limit(MAX_ENTRIES + 1)
    )
    rows = session.execute(query)
    return [Entry(row.paid_on, row.kind.label, row.number, row.id, -row.amount, ZERO) for row in rows]


def _of_sale() -> ColumnElement[bool]:
    return and_(Sale.business_id == SalePayment.business_id, Sale.id == SalePayment.sale_id)


def _order(entry: Entry) -> tuple[date, bool, UUID]:
    return entry.on, entry.amount < 0, entry.sale_id
