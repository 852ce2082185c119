"""The parts of Sync activity, and which rows of a kind belong to them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from posxero.db.push_state import is_owed
from posxero.domain.enums import LinkState
from posxero.services.push.kinds import KINDS
from posxero.services.push.kinds.kind import PushKind
from posxero.services.sync_status.connection_status import ConnectionStatus

AnyKind = PushKind[Any, Any]


class Tab(StrEnum):
    """The parts of the page Sync activity; the value is also `?state=`."""

    ATTENTION = "attention"
    WAITING = "waiting"
    DONE = "done"
    IMPORTS = "imports"


def enabled_kinds(status: ConnectionStatus) -> list[AnyKind]:
    """List the kinds that are pushed for a connection; none without one."""
    connection = status.connection
    return [kind for kind in KINDS if kind.is_enabled(connection)] if connection else []


def is_in_tab(tab: Tab, kind: AnyKind) -> ColumnElement[bool]:
    """Return the condition on a row of a kind that it belongs to *Needs attention* or *Waiting*."""
    if tab is Tab.WAITING:
        return and_(kind.table.state == LinkState.ACTIVE, is_owed(kind.table))
    return or_(kind.table.state != LinkState.ACTIVE, kind.feed.is_changed())
