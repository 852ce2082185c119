"""Find sales: one with its lines, and the list by pages that are each as fast as the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, selectinload

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.form_submission import FormPurpose
from posxero.db.push_state import is_owed
from posxero.db.sale import DUE_ON, IS_PAID, IS_STUCK, IS_UNPAID, IS_VOIDED, Sale, SalePayment
from posxero.domain.enums import LabelledEnum, LinkState, SaleStatus
from posxero.domain.money import ZERO
from posxero.domain.sale_rules import SaleRules, parse_lines
from posxero.domain.text import normalise
from posxero.services import form_submissions
from posxero.services.errors import NotFound
from posxero.services.sales.errors import AlreadyCharged
from posxero.services.sales.form import SaleForm

PAGE_SIZE: Final = 25
HISTORY_MAX: Final = 50  # entries on the page of a sale


class StatusFilter(LabelledEnum):
    """Which sales a list shows; the value is also `?status=`."""

    UNPAID = "unpaid", "Not paid"
    OVERDUE = "overdue", "Overdue"
    PAID = "paid", "Paid"
    VOIDED = "voided", "Voided"
    WAITING = "waiting", "Waiting for Xero"
    FAILED = "failed", "Not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFilter:
    """Which sales a list shows; None is all. Overdue is what was due before `today`."""

    status: StatusFilter | None = None
    contact_id: UUID | None = None
    day: date | None = None
    today: date = date.min

    @property
    def is_overdue(self) -> bool:
        """Return whether it shows only what should have been paid by now."""
        return self.status is StatusFilter.OVERDUE

    def condition(self, business_id: UUID) -> ColumnElement[bool]:
        """Return the condition on `Sale`."""
        conditions = [Sale.business_id == business_id]
        if self.status is not None:
            conditions.append(_CONDITIONS[self.status])
        if self.is_overdue:
            conditions.append(self.today > DUE_ON)
        if self.contact_id is not None:
            conditions.append(Sale.contact_id == self.contact_id)
        if self.day is not None:
            conditions.append(Sale.sold_on == self.day)
        return and_(*conditions)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the sales of a filter come to; voided ones count nothing."""

    count: int
    total: Decimal
    due: Decimal


class Charged(NamedTuple):
    """A sale that was charged, and to whom."""

    sale: Sale
    customer: Contact


_CONDITIONS: Final[dict[StatusFilter, ColumnElement[bool]]] = {
    StatusFilter.UNPAID: IS_UNPAID,
    StatusFilter.OVERDUE: IS_UNPAID,
    StatusFilter.PAID: IS_PAID,
    StatusFilter.VOIDED: IS_VOIDED,
    StatusFilter.WAITING: and_(is_owed(Sale), Sale.state == LinkState.ACTIVE),
    StatusFilter.FAILED: IS_STUCK,
}


def get(session: Session, business_id: UUID, sale_id: UUID, *, lock: bool = False) -> Sale:
    """Load a sale of a business.

    Args:
        lock: Read the row again and keep others from writing it until the transaction ends.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    query = select(Sale).where(Sale.business_id == business_id, Sale.id == sale_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(sale_id)
    return found


def get_with_lines(session: Session, business_id: UUID, sale_id: UUID) -> tuple[Sale, Contact]:
    """Load a sale with its lines, and its customer.

    Raises:
        NotFound: It is not there, or it is another business's.
    """
    query = (
        select(Sale, Contact)
        .join(Contact, and_(Contact.business_id == Sale.business_id, Contact.id == Sale.contact_id))
        .where(Sale.business_id == business_id, Sale.id == sale_id)
        .options(selectinload(Sale.lines))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(sale_id)
    return row[0], row[1]


def payments(session: Session, sale: Sale) -> Sequence[SalePayment]:
    """List what was paid on a sale and credited against it in Xero, the oldest first."""
    query = select(SalePayment).where(SalePayment.business_id == sale.business_id, SalePayment.sale_id == sale.id)
    return session.scalars(query.order_by(SalePayment.paid_on, SalePayment.id)).all()


def history(session: Session, sale: Sale) -> Sequence[Activity]:
    """List what happened to a sale, the newest first, at most `HISTORY_MAX` entries."""
    query = select(Activity).where(Activity.business_id == sale.business_id, Activity.sale_id == sale.id)
    return session.scalars(query.order_by(Activity.id.desc()).limit(HISTORY_MAX)).all()


def find_submitted(
    session: Session, business_id: UUID, contact_id: UUID, form: SaleForm, rules: SaleRules
) -> Charged | None:
    """Find the sale that an earlier submission of a form made, and its customer; None when this is the first.

    Raises:
        AlreadyCharged: It was sold to somebody else, or something else was sold.
    """
    sale_id = form_submissions.find_result(session, business_id, form.idempotency_key, FormPurpose.SALE)
    if sale_id is None:
        return None
    sale, customer = get_with_lines(session, business_id, sale_id)
    sold = [(line.description, line.quantity, line.unit_price) for line in sale.lines]
    typed = [(line.description, line.quantity, line.unit_price) for line in parse_lines(form.lines, rules)[0]]
    if (sale.contact_id, sold) != (contact_id, typed) or not _has_details(sale, form):
        raise AlreadyCharged(sale.number)
    return Charged(sale, customer)


def _has_details(sale: Sale, form: SaleForm) -> bool:
    """Return whether a sale has the dates and the reference of a form; a due date that is not given may be any."""
    due_on = form.due_on or sale.due_on.isoformat()
    details = (form.sold_on, due_on, normalise(form.reference))
    return details == (sale.sold_on.isoformat(), sale.due_on.isoformat(), sale.reference)


def page(
    session: Session, business_id: UUID, chosen: SaleFilter, *, before: UUID | None = None
) -> list[tuple[Sale, str]]:
    """List sales and the names of their customers, the newest first; one more than a page when there are older ones.

    Args:
        before: The last sale of the page before; ids are in the order of time.
    """
    query = (
        select(Sale, Contact.name)
        .join(Contact, and_(Contact.business_id == Sale.business_id, Contact.id == Sale.contact_id))
        .where(chosen.condition(business_id))
        .order_by(Sale.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before is not None:
        query = query.where(Sale.id < before)
    return [(sale, name) for sale, name in session.execute(query)]


def totals(session: Session, business_id: UUID, chosen: SaleFilter) -> Totals:
    """Add up the sales of a filter."""
    open_ones = Sale.status == SaleStatus.OPEN
    query = select(
        func.count().filter(open_ones), func.sum(Sale.total).filter(open_ones), func.sum(Sale.amount_due)
    ).where(chosen.condition(business_id))
    count, total, due = session.execute(query).one()
    return Totals(count, total or ZERO, due or ZERO)
