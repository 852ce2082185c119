"""Explain why Xero says that a customer owes another amount, line by line and to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.db.money import MONEY
from posxero.db.other_invoice import OtherInvoice
from posxero.db.sale import IS_UNPAID, Sale
from posxero.db.xero_change import XeroChange
from posxero.domain.balance_differences import BalanceLine, DifferenceReason, explain
from posxero.domain.drift_kinds import ChangeCategory
from posxero.domain.enums import SaleStatus
from posxero.domain.money import ZERO
from posxero.services.contacts import merged

MAX_LISTED: Final = 50  # sales and other invoices that are named each; the lines count all
NOTHING: Final = literal_column("0", MONEY)
DUE_HERE: Final = case((IS_UNPAID, Sale.amount_due), else_=NOTHING)
DIFFERENCE: Final = func.coalesce(Sale.xero_due, NOTHING) - DUE_HERE
REASON: Final = case(
    (Sale.status == SaleStatus.VOIDED, DifferenceReason.VOIDED_HERE.value),
    (Sale.xero_total.is_(None), DifferenceReason.NOT_SENT.value),
    (Sale.xero_status.in_(("VOIDED", "DELETED")), DifferenceReason.VOIDED_THERE.value),
    (Sale.xero_status.in_(("DRAFT", "SUBMITTED")), DifferenceReason.NOT_APPROVED.value),
    else_=DifferenceReason.OTHER_TOTAL.value,
)


class DifferingSale(NamedTuple):
    """A sale that counts another amount in Xero."""

    id: UUID
    number: str
    reason: DifferenceReason
    amount: Decimal


class InvoiceOfXero(NamedTuple):
    """An open invoice of Xero that no sale made."""

    number: str
    due_on: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What leads from the sales of a customer to Xero's balance.

    Attributes:
        charged: The totals of the sales on which something is due.
        settled: What was paid on them and credited.
        lines: From what the customer owes here to Xero's balance.
        sales: Those that differ, at most `MAX_LISTED`.
        invoices: Those of Xero that are not ours, at most `MAX_LISTED`.
        outstanding: Xero's balance; None where it was not read yet.
        overdue: How much of that is overdue by Xero's due dates.
        read_at: When Xero was asked for both.
        is_being_read: Something changed since then, and Xero will be asked again.
    """

    charged: Decimal
    settled: Decimal
    lines: Sequence[BalanceLine]
    sales: Sequence[DifferingSale]
    invoices: Sequence[InvoiceOfXero]
    outstanding: Decimal | None
    overdue: Decimal | None
    read_at: datetime | None
    is_being_read: bool

    @property
    def owes(self) -> Decimal:
        """What the customer owes here."""
        return self.charged - self.settled


def load(session: Session, contact: Contact, link: Link | None) -> Explanation:
    """Load the explanation for a customer, in one state of the database.

    Args:
        link: Its link to the organisation that is connected; None without one.
    """
    ours = and_(Sale.business_id == contact.business_id, Sale.contact_id == contact.id)
    charged, due = session.execute(select(func.sum(Sale.total), func.sum(Sale.amount_due)).where(ours, IS_UNPAID)).one()
    sums = session.execute(
        select(REASON.label("reason"), func.sum(DIFFERENCE, type_=MONEY).label("amount"))
        .where(ours, _differs())
        .group_by(REASON)
    )
    known = [BalanceLine(DifferenceReason(row.reason), row.amount) for row in sums]
    links = _links(session, contact, link)
    invoices, elsewhere = _invoices(session, links)
    known.append(BalanceLine(DifferenceReason.OTHER_INVOICES, elsewhere))
    is_being_read = any(_is_being_read(session, one) for one in links)
    outstanding = _outstanding(links)
    owes = due or ZERO
    return Explanation(
        charged=charged or ZERO,
        settled=(charged or ZERO) - owes,
        lines=explain(owes, known, outstanding, is_being_read=is_being_read),
        sales=_sales(session, ours),
        invoices=invoices,
        outstanding=outstanding,
        overdue=_sum(links[0].overdue, *(one.overdue or ZERO for one in links[1:])) if links else None,
        read_at=link.balance_at if link else None,
        is_being_read=is_being_read,
    )


def load_outstanding(session: Session, contact: Contact, link: Link | None) -> Decimal | None:
    """Load what Xero says that a customer owes; None where it was not read yet."""
    return _outstanding(_links(session, contact, link))


def _outstanding(links: Sequence[Link]) -> Decimal | None:
    return _sum(links[0].outstanding, *(one.outstanding or ZERO for one in links[1:])) if links else None


def _differs() -> ColumnElement[bool]:
    """Return the condition that a sale counts another amount in Xero: one that is settled on both sides does not."""
    return and_(or_(IS_UNPAID, Sale.xero_due > NOTHING), DIFFERENCE != NOTHING)


def _sales(session: Session, ours: ColumnElement[bool]) -> list[DifferingSale]:
    query = select(Sale.id, Sale.number, REASON.label("reason"), DIFFERENCE.label("amount")).where(ours, _differs())
    rows = session.execute(query.order_by(Sale.id.desc()).limit(MAX_LISTED))
    return [DifferingSale(row.id, row.number, DifferenceReason(row.reason), row.amount) for row in rows]


def _links(session: Session, contact: Contact, link: Link | None) -> list[Link]:
    """Return the links whose balances are a customer's: its own, and those of customers that were merged into it."""
    if link is None or link.xero_id is None:
        return []
    if not contact.merged_count:
        return [link]
    return [link, *(one for _, one in merged.unmerged_links(session, link.business_id, link.tenant_id, contact.id))]


def _sum(own: Decimal | None, *others: Decimal) -> Decimal | None:
    """Add up balances; None while the customer's own was not read yet."""
    return None if own is None else sum(others, own)


def _invoices(session: Session, links: Sequence[Link]) -> tuple[list[InvoiceOfXero], Decimal]:
    if not links:
        return [], ZERO
    theirs = and_(
        OtherInvoice.business_id == links[0].business_id,
        OtherInvoice.tenant_id == links[0].tenant_id,
        OtherInvoice.xero_contact_id.in_([one.xero_id for one in links]),
    )
    query = select(OtherInvoice.number, OtherInvoice.due_on, OtherInvoice.amount_due).where(theirs)
    rows = session.execute(query.order_by(OtherInvoice.due_on, OtherInvoice.id).limit(MAX_LISTED))
    found = [InvoiceOfXero(*row) for row in rows]
    return found, session.scalar(select(func.sum(OtherInvoice.amount_due)).where(theirs)) or ZERO


def _is_being_read(session: Session, link: Link) -> bool:
    """Return whether Xero will be asked again for the balance, or for any invoice."""
    asked = or_(
        and_(XeroChange.category == ChangeCategory.BALANCE, XeroChange.xero_id == link.xero_id),
        XeroChange.category == ChangeCategory.INVOICE,
    )
    ours = and_(XeroChange.business_id == link.business_id, XeroChange.tenant_id == link.tenant_id)
    return bool(session.scalar(select(exists().where(ours, asked))))
