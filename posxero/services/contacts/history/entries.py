"""Read the history of a contact: its latest entries, and every page of it, filtered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session

from posxero.db.activity import Activity, join_keys
from posxero.domain.history_topics import DONE_IN_XERO, HistoryTopic

LATEST: Final = 5  # entries on the page of a contact
PAGE_SIZE: Final = 25  # entries
BY_XERO: Final = "xero"  # `actor`: what happened in Xero
BY_IMPORT: Final = "import"  # `actor`: what an import did
BY_ITSELF: Final = "retail-pos"  # `actor`: what nobody did, as a push


@dataclass(frozen=True)
class HistoryFilter:
    """Which entries to show; an empty attribute leaves none out.

    Attributes:
        topic: What they are about.
        actor: The name of a person, or one of BY_XERO, BY_IMPORT and BY_ITSELF.
        field: The key of a field that they changed.
    """

    topic: HistoryTopic | None = None
    actor: str = ""
    field: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.topic or self.actor or self.field)

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as conditions on `Activity`."""
        found: list[ColumnElement[bool]] = [Activity.kind.in_(self.topic.kinds)] if self.topic else []
        if self.actor:
            found.append(_by(self.actor))
        if self.field:
            found.append(Activity.field_keys.contains(join_keys([self.field]), autoescape=True))
        return found


@dataclass(frozen=True)
class HistoryPage:
    """One page, the newest entry first. `newer` and `older`: there is a page before, and after."""

    entries: Sequence[Activity]
    newer: bool
    older: bool


def latest(session: Session, business_id: UUID, contact_id: UUID, *, merged: Collection[UUID] = ()) -> HistoryPage:
    """Return what happened to a contact last, and to those that were merged into it."""
    found = session.scalars(_entries(business_id, (contact_id, *merged), [], limit=LATEST + 1)).all()
    return HistoryPage(found[:LATEST], newer=False, older=len(found) > LATEST)


def page(
    session: Session,
    business_id: UUID,
    contact_id: UUID,
    chosen: HistoryFilter,
    *,
    merged: Collection[UUID] = (),
    before: UUID | None = None,
    after: UUID | None = None,
) -> HistoryPage:
    """Return the newest page of a contact's history, or the one next to an entry.

    Each page is found by the ids of entries, which are in the order of time, so that the last
    of many is as fast as the first.

    Args:
        merged: The contacts that were merged into it; their entries are listed too.
        before: The page of older entries than this one.
        after: The page of newer entries than this one.
    """
    conditions = chosen.conditions
    if after:
        conditions.append(Activity.id > after)
    elif before:
        conditions.append(Activity.id < before)
    ids, oldest_first = (contact_id, *merged), after is not None
    query = _entries(business_id, ids, conditions, limit=PAGE_SIZE + 1, oldest_first=oldest_first)
    found = session.scalars(query).all()
    entries, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    if after:
        return HistoryPage(entries[::-1], newer=more, older=True)
    return HistoryPage(entries, newer=before is not None, older=more)


def actors(session: Session, business_id: UUID, contact_id: UUID, *, merged: Collection[UUID] = ()) -> list[str]:
    """List the names of the people in a contact's history."""
    names = select(Activity.actor).where(Activity.business_id == business_id, _of(contact_id, merged))
    return sorted(name for name in session.scalars(names.distinct()) if name)


def _entries(
    business_id: UUID,
    contact_ids: Sequence[UUID],
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    oldest_first: bool = False,
) -> Select[Activity]:
    """Select the first entries of contacts, for each by its own part of the index: never all of them to sort."""
    order = Activity.id if oldest_first else Activity.id.desc()
    of_business = (Activity.business_id == business_id, *conditions)
    if len(contact_ids) == 1:
        chosen = [*of_business, Activity.contact_id == contact_ids[0]]
    else:
        each = [
            select(Activity.id).where(*of_business, Activity.contact_id == one).order_by(order).limit(limit).subquery()
            for one in contact_ids
        ]
        chosen = [Activity.business_id == business_id, Activity.id.in_(union_all(*(select(one.c.id) for one in each)))]
    return select(Activity).where(*chosen).order_by(order).limit(limit)


def _of(contact_id: UUID, merged: Collection[UUID]) -> ColumnElement[bool]:
    return Activity.contact_id.in_((contact_id, *merged)) if merged else Activity.contact_id == contact_id


def _by(actor: str) -> ColumnElement[bool]:
    if actor == BY_XERO:
        return Activity.kind.in_(DONE_IN_XERO)
    if actor == BY_IMPORT:
        return Activity.import_id.is_not(None)
    if actor == BY_ITSELF:
        return (Activity.actor == "") & Activity.kind.not_in(DONE_IN_XERO)
    return Activity.actor == actor
