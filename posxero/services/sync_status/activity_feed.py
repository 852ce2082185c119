"""What stands between Retail POS and Xero: what was not sent, what waits, and what was done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.domain.enums import ActivityKind, SyncState
from posxero.services.sync_status.badges import condition_for, is_joined
from posxero.services.sync_status.connection_status import ConnectionStatus

PAGE_SIZE: Final = 25  # entries a page
REFUSED: Final = (ActivityKind.NOT_SENT, ActivityKind.DELAYED, ActivityKind.GONE_FROM_XERO)
DONE: Final = (ActivityKind.SENT, ActivityKind.VERIFIED)


class Tab(StrEnum):
    """The parts of the page Sync activity; the value is also `?state=`."""

    ATTENTION = "attention"
    WAITING = "waiting"
    DONE = "done"
    IMPORTS = "imports"


STATES: Final = {
    Tab.ATTENTION: (SyncState.FAILED, SyncState.GONE, SyncState.CHANGED),
    Tab.WAITING: (SyncState.WAITING, SyncState.PAUSED),
}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One contact that is owed, differs, or was sent. `told` is what the history last said about it."""

    contact: Contact
    link: Link | None
    told: Activity | None


def owed(
    session: Session, status: ConnectionStatus, business_id: UUID, tab: Tab, *, page: int, now: datetime
) -> list[FeedEntry]:
    """List the contacts of a tab, one more than a page when there are older ones; what only differs comes last."""
    query = (
        select(Link, Contact)
        .join(Contact, is_joined(status.tenant_id))
        .where(Link.business_id == business_id, Contact.business_id == business_id, _condition_of(tab, status, now))
    )
    only_differs = case((condition_for(SyncState.CHANGED, opened=status.open(now)), 1), else_=0)
    query = query.order_by(only_differs, Contact.updated_at.desc(), Link.id)
    rows = session.execute(query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)).all()
    told = _last_refusals(session, business_id, [contact.id for _, contact in rows])
    return [FeedEntry(contact, link, told.get(contact.id)) for link, contact in rows]


def done(session: Session, business_id: UUID, *, page: int) -> list[FeedEntry]:
    """List what was sent, the newest first; one more than a page when there are older ones."""
    query = (
        select(Activity, Contact)
        .join(Contact, and_(Contact.business_id == Activity.business_id, Contact.id == Activity.contact_id))
        .where(Activity.business_id == business_id, Activity.kind.in_(DONE))
        .order_by(Activity.at.desc(), Activity.id.desc())
    )
    return [
        FeedEntry(contact, None, told)
        for told, contact in session.execute(query.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE))
    ]


def counts(session: Session, status: ConnectionStatus, business_id: UUID, *, now: datetime) -> dict[Tab, int]:
    """Count the contacts of each tab in `STATES`, in one statement."""
    numbers = [func.count(Link.id).filter(_condition_of(tab, status, now)) for tab in STATES]
    query = select(*numbers).select_from(Link).join(Contact, is_joined(status.tenant_id))
    row = session.execute(query.where(Link.business_id == business_id, Contact.business_id == business_id)).one()
    return dict(zip(STATES, row, strict=True))


def _condition_of(tab: Tab, status: ConnectionStatus, now: datetime) -> ColumnElement[bool]:
    return or_(*(condition_for(state, opened=status.open(now)) for state in STATES[tab]))


def _last_refusals(session: Session, business_id: UUID, contact_ids: list[UUID]) -> dict[UUID, Activity]:
    query = select(Activity).where(
        Activity.business_id == business_id, Activity.contact_id.in_(contact_ids), Activity.kind.in_(REFUSED)
    )
    return {told.contact_id: told for told in session.scalars(query.order_by(Activity.id)) if told.contact_id}
