"""The rows of Sync activity: what was not sent, what waits, and what was done, of every kind."""

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.push_state import PushState
from posxero.domain.enums import ActivityKind
from posxero.domain.states import Badge, badge
from posxero.services.push.feed.position import EPOCH, Position
from posxero.services.push.feed.tabs import AnyKind, Tab, enabled_kinds, is_in_tab
from posxero.services.push.kinds.kind_feed import FeedTitle, page_of
from posxero.services.sync_status.connection_status import ConnectionStatus

PAGE_SIZE: Final = 25  # entries a page
REFUSED: Final = (ActivityKind.NOT_SENT, ActivityKind.DELAYED, ActivityKind.GONE_FROM_XERO)
DONE: Final = (ActivityKind.SENT, ActivityKind.VERIFIED)


class FeedEntry(NamedTuple):
    """One row that is owed, differs, or was sent.

    Attributes:
        position: Its place in the list.
        address_id: The id that names it in addresses.
        title: How it reads.
        row: Its state; None of what was done.
        badge: None of what was done.
        told: What the history last said about it.
    """

    position: Position
    address_id: UUID
    title: FeedTitle
    row: PushState | None = None
    badge: Badge | None = None
    told: Activity | None = None


class PageRequest(NamedTuple):
    """Which part of a list is asked for: what comes after a position, and so many rows further."""

    after: Position | None = None
    skip: int = 0

    @property
    def limit(self) -> int:
        """How many rows of a source may be needed: one more than a page says that there are older ones."""
        return self.skip + PAGE_SIZE + 1


def list_owed(
    session: Session, status: ConnectionStatus, business_id: UUID, tab: Tab, page: PageRequest, *, now: datetime
) -> list[FeedEntry]:
    """List the rows of a tab, one more than a page when there are older ones; what only differs comes last."""
    lists = [_owed_of(session, status, business_id, kind, tab, page, now) for kind in enabled_kinds(status)]
    return list(islice(merge(*lists, key=lambda entry: entry.position.sort_key), page.skip, page.limit))


def list_done(session: Session, business_id: UUID, page: PageRequest) -> list[FeedEntry]:
    """List what was sent, the newest first; one more than a page when there are older ones."""
    pair = and_(Contact.business_id == Activity.business_id, Contact.id == Activity.contact_id)
    query = (
        select(Activity, Contact)
        .join(Contact, pair)
        .where(Activity.business_id == business_id, Activity.kind.in_(DONE))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(page.limit)
        .offset(page.skip)
    )
    if page.after is not None:
        query = query.where(page.after.is_passed(literal(0), Activity.at, Activity.id))
    return [_done_entry(told, contact) for told, contact in session.execute(query)]


def _owed_of(
    session: Session,
    status: ConnectionStatus,
    business_id: UUID,
    kind: AnyKind,
    tab: Tab,
    page: PageRequest,
    now: datetime,
) -> list[FeedEntry]:
    rows = session.execute(_owed_select(status, business_id, kind, tab, page)).all()
    refusals = _load_activities(session, business_id, [row.told_id for row in rows if row.told_id])
    entries = []
    for found in rows:
        row: PushState = found[0]
        entries.append(
            FeedEntry(
                Position(found.rank, found.listed_at, row.id),
                getattr(row, kind.feed.address_id().key),
                kind.feed.title_of(found),
                row,
                badge(kind.feed.facts_of(row), status.facts, now),
                refusals.get(found.told_id),
            )
        )
    return entries


def _owed_select(
    status: ConnectionStatus, business_id: UUID, kind: AnyKind, tab: Tab, page: PageRequest
) -> Select[*tuple[Any, ...]]:
    table = kind.table
    rank = case((kind.feed.is_changed(), 1), else_=0)
    listed_at = func.coalesce(table.owed_at, literal(EPOCH, table.owed_at.type))
    refusal = (
        select(Activity.id)
        .where(
            Activity.business_id == table.business_id,
            Activity.contact_id == table.contact_id,
            Activity.kind.in_(REFUSED if kind.has_history else ()),
        )
        .order_by(Activity.id.desc())
        .limit(1)
    )
    query = (
        kind.feed.select()
        .add_columns(rank.label("rank"), listed_at.label("listed_at"), refusal.scalar_subquery().label("told_id"))
        .where(table.business_id == business_id, table.tenant_id == status.tenant_id, is_in_tab(tab, kind))
        .order_by(rank, listed_at.desc(), table.id.desc())
        .limit(page.limit)
    )
    return query.where(page.after.is_passed(rank, listed_at, table.id)) if page.after else query


def _load_activities(session: Session, business_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Activity]:
    if not ids:
        return {}
    query = select(Activity).where(Activity.business_id == business_id, Activity.id.in_(ids))
    return {activity.id: activity for activity in session.scalars(query)}


def _done_entry(told: Activity, contact: Contact) -> FeedEntry:
    title = FeedTitle(contact.name, page_of(contact), contact.id)
    return FeedEntry(Position(0, told.at, told.id), contact.id, title, told=told)
