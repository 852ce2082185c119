"""The statements behind lists and searches. Each shape is built once: building costs more than running.

Nothing but the search index is read before the page is known, unless a sync state is asked for.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, or_, select, text
from sqlalchemy.orm import aliased

from posxero.db.contact import Contact, Link
from posxero.domain.kinds import Kind
from posxero.domain.words import SyncState
from posxero.services.sync import FACTS, filter_for

ARCHIVED = "archived"  # `?sync=` of the contacts that are hidden here
STATES = frozenset(state.value for state in SyncState)
FILTERS = STATES | {ARCHIVED}
CODE, NAME, WORDS, REST = range(4)  # ranks
SHOWN = (Contact.id, Contact.name, Contact.email, Contact.phone, Contact.mobile)
Condition = ColumnElement[bool]

OURS: Condition = Contact.business_id == bindparam("business_id")
LINKED: Condition = and_(
    Link.business_id == Contact.business_id,
    Link.contact_id == Contact.id,
    Link.tenant_id == bindparam("tenant_id"),
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of a question decides its statement; the rest are its values.

    `opened`: something may be sent to Xero now. `ranked`: something was typed, in `terms` terms.
    """

    kind: Kind
    sync: str
    opened: bool
    ranked: bool
    terms: int


@cache
def statement(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Give the statement of one page: rank, total, `SHOWN`, `FACTS`, in the order of the list.

    Its values are business_id, tenant_id, most, before (rows), and for a search codes,
    name_from, name_to and, for each term, within<n> and begun<n>.
    """
    page = _page(shape).subquery("page")
    return (
        select(page.c.rank, page.c.total, *SHOWN, *FACTS)
        .select_from(page)
        .join(Contact, and_(OURS, Contact.id == page.c.id))
        .outerjoin(Link, LINKED)
        .order_by(page.c.rank, page.c.name_key, page.c.id)
    )


def _page(shape: Shape) -> Select[*tuple[Any, ...]]:
    """Choose the contacts of the page."""
    conditions = [OURS, *_filters(shape)]
    page: Select[*tuple[Any, ...]] = select(Contact.id, Contact.name_key)
    count = select(func.count()).select_from(Contact)
    if shape.sync in STATES:
        page, count = page.outerjoin(Link, LINKED), count.outerjoin(Link, LINKED)
    if shape.ranked:  # every hit is gathered to be ranked, and counted on the way
        matches, rank = _match(shape.terms)
        page = page.add_columns(rank.label("rank"), func.count().over().label("total")).where(matches).order_by("rank")
    else:
        total = count.where(*conditions).correlate(None).scalar_subquery()
        page = page.add_columns(literal(REST).label("rank"), total.label("total"))
    ordered = page.where(*conditions).order_by(Contact.name_key, Contact.id)
    return ordered.limit(bindparam("most")).offset(bindparam("before"))


def _filters(shape: Shape) -> list[Condition]:
    kind = Contact.is_customer if shape.kind is Kind.CUSTOMER else Contact.is_supplier
    archived = Contact.archived_at.is_not(None) if shape.sync == ARCHIVED else Contact.archived_at.is_(None)
    state = [filter_for(SyncState(shape.sync), opened=shape.opened)] if shape.sync in STATES else []
    return [kind.is_(True), archived, *state]


def _match(terms: int) -> tuple[Condition, ColumnElement[int]]:
    """Say which contacts a search finds, and how they rank."""
    twin = aliased(Contact, name="coded")
    has_code = text("coded.customer_code <> ''")  # in words, so that SQLite sees that the partial index will do
    with_code = select(twin.id).where(
        twin.business_id == bindparam("business_id"),
        twin.customer_code.in_(bindparam("codes", expanding=True)),
        has_code,
    )
    coded = Contact.id.in_(with_code)
    named = and_(Contact.name_key >= bindparam("name_from"), Contact.name_key < bindparam("name_to"))
    if not terms:
        return or_(named, coded), case((coded, CODE), else_=NAME)
    within = and_(*(Contact.search_text.like(bindparam(f"within{n}")) for n in range(terms)))
    begun = and_(*(Contact.search_text.like(bindparam(f"begun{n}")) for n in range(terms)))
    return or_(within, named, coded), case((coded, CODE), (named, NAME), (begun, WORDS), else_=REST)
