"""Finding customers and suppliers: one statement a page, the same on SQLite and PostgreSQL.

Ranked: the exact customer code, names that begin so, words that begin so, the rest; then by name. In any other order,
only the exact code goes before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import tag_pattern
from posxero.domain.query import Query, parse
from posxero.services.contacts.search.statements import (
    FILTERS,
    HAS_CODE,
    SHOWN,
    STATES,
    Order,
    Shape,
    ids_statement,
    statement,
)
from posxero.services.sync_status.badges import BadgeFacts
from posxero.services.sync_status.connection_status import ConnectionStatus

PAGE_SIZE = 25  # contacts
_SHOWN = slice(2, 2 + len(SHOWN))  # of a row: rank and total go before them
MAX_PAGE_NUMBER = 100_000_000  # no list has so many pages; keeps OFFSET within 64 bits


@dataclass(frozen=True)
class ListQuery:
    """What a list is asked for.

    `sync` is a state of the badge, "archived", or "" for all that are not archived; `sort` is an `Order`; `group` and
    `tag` are names, "" for any; `selected` are the ids of the only contacts that are wanted, None for any.
    """

    kind: ContactKind
    typed: str = ""
    sync: str = ""
    sort: str = ""
    page: int = 1
    group: str = ""
    tag: str = ""
    selected: tuple[UUID, ...] | None = None

    @property
    def is_filtered(self) -> bool:
        """Return whether it leaves anybody out but the archived."""
        return bool(self.typed or self.sync or self.group or self.tag or self.selected is not None)


class ContactRow(NamedTuple):
    """What a list shows of a contact: the columns `statements.SHOWN`, and what decides its badge."""

    id: UUID
    name: str
    email: str
    phone: str
    mobile: str
    group: str
    tags: str  # as the column stores them
    owes: Decimal
    last_sold_on: date | None
    archived_at: datetime | None
    limit: Decimal | None  # of what may be owed; None without one
    facts: BadgeFacts

    @property
    def is_over_limit(self) -> bool:
        """Return whether more is owed than may be, without invoices of Xero that are not ours."""
        return self.limit is not None and self.owes > self.limit


@dataclass(frozen=True)
class ResultPage:
    """One page of contacts, and how many there are on all pages."""

    rows: Sequence[ContactRow]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one when nothing was found."""
        return max(1, -(-self.total // PAGE_SIZE))


def find(session: Session, business_id: UUID, asked: ListQuery, status: ConnectionStatus, now: datetime) -> ResultPage:
    """Find one page of a business's contacts; a page after the last has no rows and a total of 0.

    Args:
        status: The organisation whose links decide the badges.
    """
    typed = parse(asked.typed)
    values = _values(business_id, asked, typed, status) | {
        "most": PAGE_SIZE,
        "before": PAGE_SIZE * (min(asked.page, MAX_PAGE_NUMBER) - 1),
    }
    rows = session.execute(statement(_shape(asked, typed, status, now)), values).all()
    shown = [ContactRow._make((*row[_SHOWN], BadgeFacts.of(row))) for row in rows]
    return ResultPage(shown, rows[0].total if rows else 0)


def find_by_code(
    session: Session, business_id: UUID, kind: ContactKind, text: str, *, with_archived: bool = True
) -> UUID | None:
    """Return the one contact whose customer code was typed or scanned, whatever the list is filtered by; else None."""
    codes = _codes(parse(text))
    flag = Contact.is_customer if kind is ContactKind.CUSTOMER else Contact.is_supplier
    query = select(Contact.id).where(Contact.business_id == business_id, Contact.customer_code.in_(codes), HAS_CODE)
    if not with_archived:
        query = query.where(Contact.archived_at.is_(None))
    found = session.scalars(query.where(flag.is_(True)).limit(2)).all() if any(codes) else []
    return found[0] if len(found) == 1 else None


def find_ids(
    session: Session,
    business_id: UUID,
    asked: ListQuery,
    status: ConnectionStatus,
    now: datetime,
    *,
    after: UUID,
    limit: int,
) -> Sequence[UUID]:
    """Find the next contacts of a list by their ids, which is the order in which it is worked through.

    Args:
        asked: The list; its page and order do not matter.
        after: The last id that was found, or one that is smaller than any.
        limit: How many at most.
    """
    typed = parse(asked.typed)
    values = _values(business_id, asked, typed, status) | {"after": after, "most": limit}
    return session.scalars(ids_statement(_shape(asked, typed, status, now)), values).all()


def _shape(asked: ListQuery, typed: Query, status: ConnectionStatus, now: datetime) -> Shape:
    return Shape(
        kind=asked.kind,
        sync=asked.sync if asked.sync in FILTERS else "",
        may_send=asked.sync in STATES and status.may_send(now),
        ranked=bool(typed),
        terms=len(typed.terms),
        covered=typed.covered,
        order=Order(asked.sort) if asked.sort in set(Order) else Order.NAME,
        grouped=bool(asked.group),
        tagged=bool(asked.tag),
        selected=asked.selected is not None,
    )


def _values(business_id: UUID, asked: ListQuery, typed: Query, status: ConnectionStatus) -> dict[str, Any]:
    """Return the values that every statement of a list takes."""
    group = {"group": asked.group} if asked.group else {}
    tag = {"tag": tag_pattern(asked.tag)} if asked.tag else {}
    selected = {"selected": asked.selected} if asked.selected is not None else {}
    ours = {"business_id": business_id, "tenant_id": status.tenant_id}
    return {**ours, **group, **tag, **selected, **(_typed(typed) if typed else {})}


def _codes(typed: Query) -> list[str]:
    return sorted({typed.code, typed.code.upper(), typed.code.lower()})


def _typed(typed: Query) -> dict[str, Any]:
    """Return the values that the statement of a search takes."""
    patterns = {f"within{n}": pattern for n, pattern in enumerate(typed.patterns)}
    words = {f"begun{n}": pattern for n, pattern in enumerate(typed.word_patterns)}
    return {"codes": _codes(typed), "name_from": typed.name_prefix, "name_to": typed.name_end, **patterns, **words}
