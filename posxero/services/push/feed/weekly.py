"""What Retail POS changed in Xero in a period: every push of a contact or a sale, and the totals.

Listed the oldest first, or by the names of customers and suppliers.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from posxero.db.activity import IS_DONE, Activity
from posxero.db.contact import Contact
from posxero.db.sale import Sale
from posxero.domain.enums import ActivityKind, SaleStatus
from posxero.domain.money import ZERO
from posxero.services.push.feed.position import FeedPosition

PAGE_SIZE: Final = 100
PUSHED: Final = (ActivityKind.SENT, ActivityKind.SALE_SENT)
CONTACT: Final = and_(Contact.business_id == Activity.business_id, Contact.id == Activity.contact_id)
CONTACT_ORDER: Final = (
    func.coalesce(Contact.name_key, ""),
    func.coalesce(Activity.contact_id, literal(UUID(int=0), Activity.contact_id.type)),
    Activity.at,
    Activity.id,
)
BY_WHOM: Final = case((Activity.on_behalf_of != "", Activity.on_behalf_of), else_=Activity.actor)


class PushedChange(NamedTuple):
    """One push that Xero took: the entry, the customer or supplier, and the number of the sale where it is one."""

    entry: Activity
    name: str
    sale_number: str

    @property
    def who(self) -> str:
        """Whose change it was; "" is nobody in particular."""
        return self.entry.on_behalf_of or self.entry.actor

    @property
    def position(self) -> FeedPosition:
        """By which the next page begins."""
        return FeedPosition(0, self.entry.at, self.entry.id)


class PersonTotal(NamedTuple):
    """How much of one person's work went to Xero."""

    name: str
    contacts: int
    sales: int


class PeriodTotals(NamedTuple):
    """What a period adds up to. `amount` counts each sale once, and no voided one."""

    people: Sequence[PersonTotal]
    contacts: int
    amount: Decimal

    @property
    def contact_changes(self) -> int:
        """How often contacts were sent."""
        return sum(person.contacts for person in self.people)

    @property
    def sale_changes(self) -> int:
        """How often sales were sent."""
        return sum(person.sales for person in self.people)


def list_changes(
    session: Session, business_id: UUID, began_at: datetime, ended_at: datetime, *, after: FeedPosition | None = None
) -> list[PushedChange]:
    """List a page of what was sent, the oldest first; one more than a page when there are more.

    Args:
        after: The last entry of the page before.
    """
    query = _listed(business_id, began_at, ended_at).order_by(Activity.at, Activity.id)
    if after is not None:
        same = and_(Activity.at == after.at, Activity.id > after.id)
        query = query.where(or_(Activity.at > after.at, same))
    return _changes(session, query)


def list_by_contact(
    session: Session, business_id: UUID, began_at: datetime, ended_at: datetime, *, after: UUID | None = None
) -> list[PushedChange]:
    """List a page of what was sent by the names of contacts, then the oldest first; one more than a page.

    Args:
        after: The id of the last entry of the page before; its contact may have another name by now.
    """
    query = _listed(business_id, began_at, ended_at).order_by(*CONTACT_ORDER)
    if after is not None:
        last = select(*CONTACT_ORDER).select_from(Activity).outerjoin(Contact, CONTACT)
        place = session.execute(last.where(Activity.business_id == business_id, Activity.id == after)).first()
        query = query.where(tuple_(*CONTACT_ORDER) > tuple_(*place)) if place else query
    return _changes(session, query)


def _listed(business_id: UUID, began_at: datetime, ended_at: datetime) -> Select[*tuple[Any, ...]]:
    sale = (Sale.business_id == Activity.business_id, Sale.id == Activity.sale_id)
    number = select(Sale.number).where(*sale).correlate(Activity).scalar_subquery()
    pushed = _pushed(business_id, began_at, ended_at)
    return select(Activity, Contact.name, number).outerjoin(Contact, CONTACT).where(*pushed).limit(PAGE_SIZE + 1)


def _changes(session: Session, query: Select[*tuple[Any, ...]]) -> list[PushedChange]:
    return [PushedChange(entry, name or "", number or "") for entry, name, number in session.execute(query)]


def add_up(session: Session, business_id: UUID, began_at: datetime, ended_at: datetime) -> PeriodTotals:
    """Add up what was sent, in three statements."""
    pushed = _pushed(business_id, began_at, ended_at)
    counts = [func.count().filter(Activity.kind == kind) for kind in PUSHED]
    people = session.execute(select(BY_WHOM.label("who"), *counts).where(*pushed).group_by("who").order_by("who"))
    contacts = session.scalar(
        select(func.count(Activity.contact_id.distinct())).where(*pushed, Activity.kind == ActivityKind.SENT)
    )
    amount = session.scalar(select(func.sum(Sale.total)).where(*_counted(business_id, pushed)))
    return PeriodTotals([PersonTotal(*row) for row in people], contacts or 0, amount or ZERO)


def _counted(business_id: UUID, pushed: Sequence[Any]) -> tuple[ColumnElement[bool], ...]:
    sent: Select[UUID | None] = select(Activity.sale_id).where(*pushed, Activity.sale_id.is_not(None))
    return (Sale.business_id == business_id, Sale.status == SaleStatus.OPEN, Sale.id.in_(sent))


def _pushed(business_id: UUID, began_at: datetime, ended_at: datetime) -> list[Any]:
    within = (Activity.at >= literal(began_at, Activity.at.type), Activity.at < literal(ended_at, Activity.at.type))
    return [Activity.business_id == business_id, IS_DONE, Activity.kind.in_(PUSHED), *within]
