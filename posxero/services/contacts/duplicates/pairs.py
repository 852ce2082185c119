"""List pairs of contacts that may be the same, page by page: the work of a page does not grow with the business.

Contacts that share an email, a phone or a name that sounds alike are read group by group, in the order of
what they share. A group that more than `MEMBERS_MAX` share says nothing, as the phone of an airport.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.merge import DistinctPair
from posxero.domain.folding import fold
from posxero.domain.near_names import are_near

GROUPS_PER_PAGE: Final = 20
MEMBERS_MAX: Final = 6  # contacts that share one key
# A literal, not a parameter: only then does SQLite use the partial indexes.
NOTHING: Final[ColumnElement[str]] = literal_column("''")
COLUMNS: Final = (
    Contact.id,
    Contact.name,
    Contact.email,
    Contact.phone,
    Contact.mobile,
    Contact.street_city,
    Contact.archived_at,
    Contact.created_at,
    Contact.name_key,
    Contact.email_key,
    Contact.phone_key,
    Contact.mobile_key,
    Contact.near_key,
)


class Shared(StrEnum):
    """What the contacts of a group share, in the order in which groups are listed."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


class PairPosition(NamedTuple):
    """The last group of a page: what it shares, and the key."""

    shared: Shared = Shared.EMAIL
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote; the beginning for anything else."""
        shared, _, key = text.partition(":")
        return cls(Shared(shared), key) if shared in set(Shared) else cls()

    def __str__(self) -> str:
        """Return it for an address."""
        return f"{self.shared}:{self.key}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts that may be the same, the older one first, and why, in words."""

    first: Row[Any]
    second: Row[Any]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairPage:
    """The pairs of a page; `next` is where the next one begins, or None after the last."""

    pairs: Sequence[Pair]
    next: PairPosition | None


def page(session: Session, business_id: UUID, after: PairPosition) -> PairPage:
    """Read one page of pairs, in three statements at most for what is shared, and two for its contacts."""
    groups = _groups(session, business_id, after)
    shown = groups[:GROUPS_PER_PAGE]
    members = _members(session, business_id, shown)
    distinct = _distinct(session, business_id, [row.id for row in members])
    pairs = {frozenset((pair.first.id, pair.second.id)): pair for pair in _pairs(members, shown)}
    kept = [pair for ids, pair in pairs.items() if ids not in distinct]
    return PairPage(kept, shown[-1] if len(groups) > GROUPS_PER_PAGE else None)


def _groups(session: Session, business_id: UUID, after: PairPosition) -> list[PairPosition]:
    """Find the groups that follow a position: one more than a page, so that it is known whether more follow."""
    found: list[PairPosition] = []
    order = list(Shared)
    for shared in order[order.index(after.shared) :]:
        key = after.key if shared is after.shared else ""
        query = _keys(shared, business_id, key).limit(GROUPS_PER_PAGE + 1 - len(found))
        found += [PairPosition(shared, each) for each in session.scalars(query)]
        if len(found) > GROUPS_PER_PAGE:
            break
    return found


def _keys(shared: Shared, business_id: UUID, after: str) -> Select[str]:
    """Select the keys that several contacts share, in their order, off an index."""
    columns = {
        Shared.EMAIL: (Contact.email_key,),
        Shared.PHONE: (Contact.phone_key, Contact.mobile_key),
        Shared.NAME: (Contact.near_key,),
    }[shared]
    mine = Contact.business_id == business_id
    each = [select(column.label("key"), Contact.id).where(mine, column > NOTHING, column > after) for column in columns]
    keys = union_all(*each).subquery("keys") if len(each) > 1 else each[0].subquery("keys")
    count = func.count(keys.c.id.distinct()) if len(each) > 1 else func.count()
    return select(keys.c.key).group_by(keys.c.key).having(count.between(2, MEMBERS_MAX)).order_by(keys.c.key)


def _members(session: Session, business_id: UUID, groups: Sequence[PairPosition]) -> Sequence[Row[Any]]:
    keys = {shared: [group.key for group in groups if group.shared is shared] for shared in Shared}
    wanted = (
        (Contact.email_key, keys[Shared.EMAIL]),
        (Contact.phone_key, keys[Shared.PHONE]),
        (Contact.mobile_key, keys[Shared.PHONE]),
        (Contact.near_key, keys[Shared.NAME]),
    )
    mine = Contact.business_id == business_id
    each = [select(*COLUMNS).where(mine, column > NOTHING, column.in_(found)) for column, found in wanted if found]
    if not each:
        return ()
    rows: dict[UUID, Any] = {row.id: row for row in session.execute(union_all(*each))}
    return sorted(rows.values(), key=lambda row: (row.created_at, row.id))


def _distinct(session: Session, business_id: UUID, ids: Sequence[UUID]) -> set[frozenset[UUID]]:
    """Find the pairs of these contacts that somebody said are not the same."""
    query = select(DistinctPair.first_id, DistinctPair.second_id).where(
        DistinctPair.business_id == business_id, DistinctPair.first_id.in_(ids), DistinctPair.second_id.in_(ids)
    )
    return {frozenset(pair) for pair in session.execute(query)} if ids else set()


def _pairs(members: Sequence[Row[Any]], groups: Sequence[PairPosition]) -> Iterator[Pair]:
    by_group: dict[PairPosition, list[Row[Any]]] = {group: [] for group in groups}
    for row in members:
        for position in _positions(row):
            if position in by_group:
                by_group[position].append(row)
    for group, rows in by_group.items():
        for first, second in combinations(rows, 2):
            reasons = reasons_of(first, second)
            if reasons and reasons[0][0] is group.shared:  # listed once, by the first thing that they share
                yield Pair(first, second, tuple(words for _, words in reasons))


def _positions(row: Any) -> set[PairPosition]:
    phones = {PairPosition(Shared.PHONE, key) for key in (row.phone_key, row.mobile_key)}
    return {PairPosition(Shared.EMAIL, row.email_key), PairPosition(Shared.NAME, row.near_key), *phones}


def reasons_of(one: Any, other: Any) -> list[tuple[Shared, str]]:
    """Return why two contacts may be the same, in words; empty where only their names are near, in two places.

    Args:
        one: A contact, or a row with its keys, name and city.
        other: As `one`.
    """
    found = []
    if one.email_key and one.email_key == other.email_key:
        found.append((Shared.EMAIL, "same email"))
    if {one.phone_key, one.mobile_key} & {other.phone_key, other.mobile_key} - {""}:
        found.append((Shared.PHONE, "same phone"))
    places = {fold(one.street_city), fold(other.street_city)}
    together = len(places) == 1 and "" not in places
    if one.name_key == other.name_key and (together or "" in places):
        found.append((Shared.NAME, f"same name, both in {one.street_city}" if together else "same name"))
    elif one.name_key != other.name_key and together and are_near(one.name_key, other.name_key):
        found.append((Shared.NAME, f"similar names, both in {one.street_city}"))
    return found
