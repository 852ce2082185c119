"""What was done: what Xero got, and what happened to the connection, the newest first."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, literal, select
from sqlalchemy.orm import Session

from posxero.db.activity import IS_DONE, Activity
from posxero.db.contact import Contact
from posxero.domain.enums import ActivityKind
from posxero.services.push.feed.entries import FeedEntry, PageRequest, merge_entries
from posxero.services.push.feed.filters import CONNECTION, FeedFilter
from posxero.services.push.feed.position import EPOCH, FeedPosition
from posxero.services.push.feed.rows import row_of
from posxero.services.push.feed.tabs import AnyKind
from posxero.services.push.kinds import KINDS
from posxero.services.push.kinds.kind_feed import FeedTitle, page_of

KIND_OF: Final = {activity: kind.name for kind in KINDS for activity in kind.feed.done}
BUSINESS_TITLES: Final = {ActivityKind.TRIED_AGAIN: "Everything that wasn't sent"}
CONNECTION_TITLE: Final = "Connection to Xero"


def list_done(session: Session, business_id: UUID, wanted: FeedFilter, page: PageRequest) -> list[FeedEntry]:
    """List what was done, the newest first; one more than a page when there are older ones."""
    silent = [kind for kind in KINDS if not kind.feed.done and wanted.wants(kind.name)]
    sources = [_sent_rows(session, business_id, kind, wanted, page) for kind in silent]
    if not wanted.kind or wanted.kind == CONNECTION or wanted.kind in KIND_OF.values():
        sources.append(_entries(session, business_id, wanted, page))
    return merge_entries(sources, page)


def _entries(session: Session, business_id: UUID, wanted: FeedFilter, page: PageRequest) -> list[FeedEntry]:
    """List entries of the history: what Xero got of the kinds that leave a trace there, and the connection's."""
    pair = and_(Contact.business_id == Activity.business_id, Contact.id == Activity.contact_id)
    query = (
        select(Activity, Contact)
        .outerjoin(Contact, pair)
        .where(Activity.business_id == business_id, IS_DONE, *wanted.of_entries(session, business_id))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(page.limit)
    )
    if wanted.kind:
        query = query.where(_is_of_kind(wanted.kind))
    if page.after is not None:
        query = query.where(page.after.is_passed(literal(0), Activity.at, Activity.id))
    return [_entry(told, contact) for told, contact in session.execute(query)]


def _is_of_kind(name: str) -> ColumnElement[bool]:
    if name == CONNECTION:
        return Activity.contact_id.is_(None)
    return Activity.kind.in_([activity for activity, kind_name in KIND_OF.items() if kind_name == name])


def _entry(told: Activity, contact: Contact | None) -> FeedEntry:
    return FeedEntry(
        position=FeedPosition(0, told.at, told.id),
        kind=KIND_OF.get(told.kind, CONNECTION),
        title=_title_of(told, contact),
        who=told.on_behalf_of or told.actor,
        at=told.at,
        told=told,
    )


def _title_of(told: Activity, contact: Contact | None) -> FeedTitle:
    if contact is not None:
        return FeedTitle(contact.name, page_of(contact), contact.id)
    return FeedTitle(BUSINESS_TITLES.get(told.kind, CONNECTION_TITLE), "settings", told.business_id)


def _sent_rows(
    session: Session, business_id: UUID, kind: AnyKind, wanted: FeedFilter, page: PageRequest
) -> list[FeedEntry]:
    """List the rows that Xero has of a kind that leaves no trace in the history."""
    table = kind.table
    query = (
        kind.feed.select()
        .where(table.business_id == business_id, table.sent_at.is_not(None), *wanted.of_rows(table, business_id))
        .order_by(table.sent_at.desc(), table.id.desc())
        .limit(page.limit)
    )
    if wanted.since:
        query = query.where(table.sent_at >= wanted.since)
    if wanted.until:
        query = query.where(table.sent_at < wanted.until)
    if page.after is not None:
        query = query.where(page.after.is_passed(literal(0), table.sent_at, table.id))
    return [_sent_entry(kind, found) for found in session.execute(query)]


def _sent_entry(kind: AnyKind, found: Row[Any]) -> FeedEntry:
    row = row_of(found)
    position = FeedPosition(0, row.sent_at or EPOCH, row.id)
    return FeedEntry(position, kind.name, kind.feed.title_of(found), row.owed_by, row.sent_at)
