"""How many rows of every kind need attention, wait, or were not sent."""

from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.services.push.feed.tabs import AnyKind, Tab, enabled_kinds, is_in_tab
from posxero.services.sync_status.connection_status import ConnectionStatus


class FeedCounts(NamedTuple):
    """The numbers of a business's rows of one kind, or of all; `not_sent` are those that are parked."""

    attention: int = 0
    waiting: int = 0
    changed: int = 0
    not_sent: int = 0


def count_rows(session: Session, status: ConnectionStatus, business_id: UUID) -> dict[str, FeedCounts]:
    """Count what needs attention, waits, was changed in Xero and was not sent, by kind, in one statement."""
    kinds = tuple(enabled_kinds(status))
    if not kinds:
        return {}
    keys = {"business_id": business_id, "tenant_id": status.tenant_id}
    counts = iter(session.execute(_statement(kinds), keys).one())
    return {kind.name: FeedCounts(*islice(counts, len(FeedCounts._fields))) for kind in kinds}


def total(counts: Mapping[str, FeedCounts]) -> FeedCounts:
    """Add up the numbers of all kinds."""
    return FeedCounts(*map(sum, zip(*counts.values(), strict=True)))


def count_not_sent(status: ConnectionStatus) -> int:
    """Count what is parked, for every page's sidebar; `status` has the numbers."""
    return sum(status.parked[kind.table] for kind in enabled_kinds(status))


@cache
def _statement(kinds: tuple[AnyKind, ...]) -> Select[*tuple[Any, ...]]:
    """Build the statement of these kinds, once: building costs more than running."""
    return select(*(_count(kind, condition).label(None) for kind in kinds for condition in _conditions(kind)))


def _conditions(kind: AnyKind) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the numbers of a kind, in their order."""
    # A literal, not a parameter: only then does SQLite use the partial index.
    is_parked = kind.table.state == literal_column("'parked'")
    return (*(is_in_tab(tab, kind) for tab in (Tab.ATTENTION, Tab.WAITING, Tab.CHANGED)), is_parked)


def _count(kind: AnyKind, condition: ColumnElement[bool]) -> ScalarSelect[int]:
    table = kind.table
    mine = (table.business_id == bindparam("business_id"), table.tenant_id == bindparam("tenant_id"))
    return select(func.count()).select_from(table).where(*mine, condition).scalar_subquery()
