"""How many rows of every kind need attention, wait, or were not sent."""

from functools import cache, reduce
from operator import add
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.services.push.feed.tabs import AnyKind, Tab, enabled_kinds, is_in_tab
from posxero.services.sync_status.connection_status import ConnectionStatus


class FeedCounts(NamedTuple):
    """The numbers of a business's rows, of every kind together; `not_sent` are those that are parked."""

    attention: int = 0
    waiting: int = 0
    changed: int = 0
    not_sent: int = 0


def count_rows(session: Session, status: ConnectionStatus, business_id: UUID) -> FeedCounts:
    """Count what needs attention, waits, was changed in Xero and was not sent, in one statement."""
    kinds = tuple(enabled_kinds(status))
    if not kinds:
        return FeedCounts()
    keys = {"business_id": business_id, "tenant_id": status.tenant_id}
    return FeedCounts(*session.execute(_statement(kinds), keys).one())


def count_not_sent(status: ConnectionStatus) -> int:
    """Count what is parked, for every page's sidebar; `status` has the numbers."""
    return sum(status.parked[kind.table] for kind in enabled_kinds(status))


@cache
def _statement(kinds: tuple[AnyKind, ...]) -> Select[*tuple[Any, ...]]:
    """Build the statement of these kinds, once: building costs more than running."""
    attention = [_count(kind, is_in_tab(Tab.ATTENTION, kind)) for kind in kinds]
    waiting = [_count(kind, is_in_tab(Tab.WAITING, kind)) for kind in kinds]
    changed = [_count(kind, is_in_tab(Tab.CHANGED, kind)) for kind in kinds]
    return select(*(reduce(add, counts) for counts in (attention, waiting, changed)), _not_sent(kinds))


def _not_sent(kinds: tuple[AnyKind, ...]) -> ColumnElement[int]:
    # In words, so that SQLite sees that the partial index will do.
    return reduce(add, [_count(kind, kind.table.state == literal_column("'parked'")) for kind in kinds])


def _count(kind: AnyKind, condition: ColumnElement[bool]) -> ScalarSelect[int]:
    table = kind.table
    mine = (table.business_id == bindparam("business_id"), table.tenant_id == bindparam("tenant_id"))
    return select(func.count()).select_from(table).where(*mine, condition).scalar_subquery()
