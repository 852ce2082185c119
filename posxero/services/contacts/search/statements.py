"""The statements behind lists and searches. Each shape is built once: building costs more than running.

Nothing but the search index is read before the page is known, unless a sync state is asked for.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from posxero.db.contact import Contact, Link
from posxero.db.money import MONEY
from posxero.db.sales_settings import SalesSettings
from posxero.domain.enums import SyncState
from posxero.domain.kinds import ContactKind
from posxero.services.contacts.labels.assignment import GROUPED, TAGGED
from posxero.services.sync_status.badges import FACTS, condition_for

ARCHIVED = "archived"  # `?sync=` of the contacts that are hidden here
STATES = frozenset(state.value for state in SyncState)
FILTERS = STATES | {ARCHIVED}
CODE, NAME, WORDS, REST = range(4)  # ranks
DEFAULT_LIMIT = select(SalesSettings.default_limit).where(SalesSettings.business_id == bindparam("business_id"))
SHOWN = (
    *(Contact.id, Contact.name, Contact.email, Contact.phone, Contact.mobile),
    *(Contact.customer_group, Contact.tags, Contact.owes, Contact.last_sold_on, Contact.archived_at),
    func.coalesce(Contact.credit_limit, DEFAULT_LIMIT.scalar_subquery(), type_=MONEY),
)

ALL_CONTACTS: ColumnElement[bool] = true()
OURS: ColumnElement[bool] = Contact.business_id == bindparam("business_id")
# A literal, not a parameter: only then does SQLite use the partial index.
HAS_CODE: ColumnElement[bool] = Contact.customer_code != literal_column("''")
LINKED: ColumnElement[bool] = and_(
    Link.business_id == Contact.business_id,
    Link.contact_id == Contact.id,
    Link.tenant_id == bindparam("tenant_id"),
)


class Order(StrEnum):
    """What a list is sorted by; the value is also `?sort=`. Each is read off an index of its own."""

    NAME = ""
    NEWEST = "newest"
    BALANCE = "balance"  # who owes most comes first
    LAST_SALE = "last-sale"  # who bought last comes first, who never did comes last

    @property
    def key(self) -> str:
        """Return the name of the column."""
        return _KEYS[self]


_KEYS = {
    Order.NAME: "name_key",
    Order.NEWEST: "created_at",
    Order.BALANCE: "owes",
    Order.LAST_SALE: "last_sold_on",
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of a question decides its statement; the rest are its values.

    `may_send`: something may be sent to Xero now. `ranked`: something was typed, in `terms` terms;
    `covered`: whatever begins with it as a name holds the terms, and need not be looked for twice.
    `order`: of one rank. `grouped`, `tagged`, `selected`: only the contacts of a group, with a tag, or of these ids.
    """

    kind: ContactKind
    sync: str
    may_send: bool
    ranked: bool
    terms: int
    covered: bool = False
    order: Order = Order.NAME
    grouped: bool = False
    tagged: bool = False
    selected: bool = False

    def order_by(self, columns: Any) -> tuple[Any, Any]:
        """Return the order within a rank, by the columns of the table or of a subquery of it."""
        if self.order is Order.NAME:
            return columns.name_key, columns.id
        key = getattr(columns, self.order.key).desc()
        return key.nulls_last() if self.order is Order.LAST_SALE else key, columns.id.desc()


@cache
def statement(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement of one page: rank, total, `SHOWN`, `FACTS`, in the order of the list.

    Its values are business_id, tenant_id, most, before (rows), group and tag (a LIKE pattern) where it has those
    filters, selected (ids), and for a search codes, name_from, name_to and, for each term, within<n> and begun<n>.
    """
    page = _page(shape).subquery("page")
    return (
        select(page.c.rank, page.c.total, *SHOWN, *FACTS)
        .select_from(page)
        .join(Contact, and_(OURS, Contact.id == page.c.id))
        .outerjoin(Link, LINKED)
        .order_by(page.c.rank, *shape.order_by(page.c))
    )


@cache
def ids_statement(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Return the statement of the ids of a list in their own order, whatever its pages.

    Its values are `after`, an id, `most`, and those of `statement` but before.
    """
    found = (_hits(shape) if shape.ranked else _chosen(shape, Contact.id)).subquery("found")
    return select(found.c.id).where(found.c.id > bindparam("after")).order_by(found.c.id).limit(bindparam("most"))


def _page(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Choose the contacts of the page."""
    is_gathered = shape.ranked or (shape.order is not Order.NAME and (shape.grouped or shape.tagged))
    page = _ranked(shape) if is_gathered else _listed(shape)
    return page.limit(bindparam("most")).offset(bindparam("before"))


def _listed(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Select every contact of the list, read off an index in the order of the list."""
    total = _chosen(shape, func.count()).correlate(None).scalar_subquery().label("total")
    key = getattr(Contact, shape.order.key)
    return _chosen(shape, Contact.id, key, literal(REST).label("rank"), total).order_by(*shape.order_by(Contact))


def _ranked(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Select what was found: all of it is gathered to be ranked, and counted on the way.

    So is a group, or what has a tag, in another order than by name: their indexes have no other.
    """
    every = _chosen(shape, Contact.id, literal(REST).label("rank"))
    hits = (_hits(shape) if shape.ranked else every).subquery("hits")
    total = func.count().over().label("total")
    if shape.order is Order.NAME:
        return select(hits, total).order_by(hits.c.rank, *shape.order_by(hits.c))
    # The search's index has no other order: the rows of what it found are read, and no others.
    rank = case((hits.c.rank == CODE, CODE), else_=REST).label("rank")
    key = getattr(Contact, shape.order.key)
    found = select(hits.c.id, key, rank, total).join(Contact, and_(OURS, Contact.id == hits.c.id))
    return found.order_by(rank, *shape.order_by(Contact))


def _chosen(shape: Shape, *columns: Any, first: ColumnElement[bool] = ALL_CONTACTS) -> Select[*tuple[Any, ...]]:
    """Select from the contacts of one kind and state.

    Args:
        first: What few contacts meet. SQLite tries conditions in their order, and leaves a row at the first that fails.
    """
    kind = Contact.is_customer if shape.kind is ContactKind.CUSTOMER else Contact.is_supplier
    archived = Contact.archived_at.is_not(None) if shape.sync == ARCHIVED else Contact.archived_at.is_(None)
    chosen = select(*columns).select_from(Contact).where(OURS, first, kind.is_(True), archived)
    if shape.grouped:
        chosen = chosen.where(GROUPED, Contact.customer_group == bindparam("group"))
    if shape.tagged:
        chosen = chosen.where(TAGGED, Contact.tags.like(bindparam("tag"), escape="/"))
    if shape.selected:
        chosen = chosen.where(Contact.id.in_(bindparam("selected", expanding=True)))
    if shape.sync in STATES:
        state = condition_for(SyncState(shape.sync), may_send=shape.may_send)
        chosen = chosen.outerjoin(Link, LINKED).where(state)
    return chosen


def _hits(shape: Shape) -> CompoundSelect[*tuple[Any, ...]]:
    """Find what was typed: contacts of that very code, then the others that match, with their ranks."""
    codes = Contact.customer_code.in_(bindparam("codes", expanding=True))
    coded = _chosen(shape, Contact.id, Contact.name_key, literal(CODE).label("rank")).where(codes, HAS_CODE)
    with_code = select(Contact.id).where(OURS, codes, HAS_CODE).correlate(None)
    named = and_(Contact.name_key >= bindparam("name_from"), Contact.name_key < bindparam("name_to"))
    matches, rank = named, case((named, NAME), else_=REST)
    if shape.terms:
        begun = and_(*(Contact.search_text.like(bindparam(f"begun{n}")) for n in range(shape.terms)))
        within = and_(*(Contact.search_text.like(bindparam(f"within{n}")) for n in range(shape.terms)))
        matches, rank = within if shape.covered else or_(within, named), case((named, NAME), (begun, WORDS), else_=REST)
    others = _chosen(shape, Contact.id, Contact.name_key, rank.label("rank"), first=matches)
    return union_all(coded, others.where(Contact.id.not_in(with_code)))
