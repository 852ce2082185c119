"""What needs attention, waits, or was changed in Xero: the rows of every kind, as they are now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.push_state import PushState
from posxero.domain.enums import ConnectionState, LinkState, SyncState
from posxero.domain.states import badge
from posxero.services.push.feed.counts import FeedCounts
from posxero.services.push.feed.entries import FeedEntry, PageRequest, merge_entries
from posxero.services.push.feed.filters import FeedFilter
from posxero.services.push.feed.position import EPOCH, FeedPosition
from posxero.services.push.feed.tabs import AnyKind, Tab, enabled_kinds, is_in_tab
from posxero.services.push.kinds.kind_feed import RowCure
from posxero.services.sync_status.connection_status import ConnectionStatus


class RowRequest(NamedTuple):
    """Whose rows of which tab are listed. `counts` are by kind: a kind without rows is not asked."""

    business_id: UUID
    status: ConnectionStatus
    tab: Tab
    counts: Mapping[str, FeedCounts]
    wanted: FeedFilter
    page: PageRequest


def list_rows(session: Session, request: RowRequest, *, now: datetime) -> list[FeedEntry]:
    """List the rows of a tab, one more than a page when there are older ones.

    The newest come first; in *Needs attention*, what was only changed in Xero comes last.
    """
    kinds = [kind for kind in enabled_kinds(request.status) if _has_rows(request, kind)]
    return merge_entries((_rows_of(session, request, kind, now) for kind in kinds), request.page)


def _has_rows(request: RowRequest, kind: AnyKind) -> bool:
    counts = request.counts.get(kind.name, FeedCounts())
    return request.wanted.wants(kind.name) and getattr(counts, request.tab.value) > 0


def _rows_of(session: Session, request: RowRequest, kind: AnyKind, now: datetime) -> list[FeedEntry]:
    rows = session.execute(_select(request, kind)).all()
    told = _load_activities(session, request.business_id, [found.told_id for found in rows if found.told_id])
    return [_entry(kind, found, told.get(found.told_id), request.status, now) for found in rows]


def _entry(kind: AnyKind, found: Row[Any], told: Activity | None, status: ConnectionStatus, now: datetime) -> FeedEntry:
    row = row_of(found)
    drawn = badge(kind.feed.facts_of(row), status.facts, now)
    is_changed = drawn.state is SyncState.CHANGED
    if is_changed:  # an earlier refusal says nothing about it
        told, at = None, getattr(row, kind.feed.changed_at().key)
    else:
        at = told.at if told else row.owed_at
    return FeedEntry(
        position=FeedPosition(found.rank, found.listed_at, row.id),
        kind=kind.name,
        title=kind.feed.title_of(found),
        who="" if is_changed else row.owed_by,
        at=at,
        address_id=getattr(row, kind.feed.address_id().key),
        row=row,
        badge=drawn,
        cure=_cure_of(kind, row, drawn.state, status),
        told=told,
        changed_fields=kind.feed.changed_fields(found) if is_changed else (),
    )


def _cure_of(kind: AnyKind, row: PushState, state: SyncState, status: ConnectionStatus) -> RowCure | None:
    """Return what ends the wait or the trouble of a row; None where only time does."""
    if state is SyncState.CHANGED:
        return RowCure.COMPARE
    if state is SyncState.PAUSED:
        is_connected = status.connection is not None and status.connection.state is ConnectionState.CONNECTED
        return None if is_connected else RowCure.RECONNECT
    return RowCure.TRY_AGAIN if row.state is LinkState.ACTIVE else kind.feed.cure_of(row)


def row_of(found: Row[Any]) -> PushState:
    """Return the row of a kind's select: it comes first."""
    row: PushState = found[0]
    return row


def _select(request: RowRequest, kind: AnyKind) -> Select[*tuple[Any, ...]]:
    """Select the rows of a page with what was last said about them; only those of the page are looked up."""
    table, page = kind.table, _page(request, kind).subquery("page")
    this = and_(table.business_id == request.business_id, table.id == page.c.id)
    return (
        kind.feed.select()
        .join(page, this)
        .add_columns(page.c.rank, page.c.listed_at, _last_refusal(kind).label("told_id"))
        .order_by(page.c.rank, page.c.listed_at.desc(), page.c.id.desc())
    )


def _page(request: RowRequest, kind: AnyKind) -> Select[*tuple[Any, ...]]:
    table, after = kind.table, request.page.after
    rank: ColumnElement[int] = literal(0)
    if request.tab is Tab.ATTENTION:
        rank = case((kind.feed.differs(), 1), else_=0)
    changed_at = (kind.feed.changed_at(),) if request.tab is Tab.CHANGED else ()
    listed_at = func.coalesce(*changed_at, table.owed_at, literal(EPOCH, table.owed_at.type))
    query = (
        select(table.id, rank.label("rank"), listed_at.label("listed_at"))
        .where(
            table.business_id == request.business_id,
            table.tenant_id == request.status.tenant_id,
            is_in_tab(request.tab, kind),
            *request.wanted.of_rows(table, request.business_id),
        )
        .order_by(rank, listed_at.desc(), table.id.desc())
        .limit(request.page.limit)
    )
    return query.where(after.is_passed(rank, listed_at, table.id)) if after else query


def _last_refusal(kind: AnyKind) -> ScalarSelect[UUID]:
    return (
        select(Activity.id)
        .where(
            Activity.business_id == kind.table.business_id,
            kind.feed.is_about(),
            Activity.kind.in_(kind.feed.refusals),
        )
        .order_by(Activity.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _load_activities(session: Session, business_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Activity]:
    if not ids:
        return {}
    query = select(Activity).where(Activity.business_id == business_id, Activity.id.in_(ids))
    return {activity.id: activity for activity in session.scalars(query)}
