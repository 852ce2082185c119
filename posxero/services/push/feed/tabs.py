"""The parts of Sync activity, and which rows of a kind belong to them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_

from posxero.db.push_state import is_owed
from posxero.domain.enums import GONE_STATES, LinkState
from posxero.services.push.kinds import KINDS
from posxero.services.push.kinds.kind import PushKind
from posxero.services.sync_status.connection_status import ConnectionStatus

AnyKind = PushKind[Any, Any]


class Tab(StrEnum):
    """The parts of the page Sync activity; the value is also `?state=`."""

    ATTENTION = "attention"
    WAITING = "waiting"
    DONE = "done"
    CHANGED = "changed"
    IMPORTS = "imports"


def enabled_kinds(status: ConnectionStatus) -> list[AnyKind]:
    """List the kinds that are pushed for a connection; none without one."""
    connection = status.connection
    return [kind for kind in KINDS if kind.is_enabled(connection)] if connection else []


def is_in_tab(tab: Tab, kind: AnyKind) -> ColumnElement[bool]:
    """Return the condition on a row of a kind that it belongs to a tab; *Done* and *Imports* have other rows.

    It begins with the condition of the partial index that finds such rows.
    """
    table, feed = kind.table, kind.feed
    shown = not_(feed.is_hidden())
    if tab is Tab.WAITING:
        return and_(is_owed(table), table.state == LinkState.ACTIVE, shown)
    if tab is Tab.CHANGED:
        return and_(feed.may_need_attention, or_(table.state.in_(GONE_STATES), feed.is_changed_in_xero()), shown)
    return and_(feed.may_need_attention, or_(table.state != LinkState.ACTIVE, feed.differs()), shown)
