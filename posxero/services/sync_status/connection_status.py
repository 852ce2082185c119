"""The organisation that a business is connected to, and whether something may be sent to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, bindparam, case, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.heartbeat import Heartbeat
from posxero.db.push_state import PushState, push_tables
from posxero.domain.enums import ConnectionState
from posxero.domain.states import ConnectionFacts
from posxero.services.sync_status.heartbeats import PROCESSES

NO_TENANT = UUID(int=0)  # a tenant id that no organisation has


@dataclass(frozen=True)
class ConnectionStatus:
    """The organisation that a business's links are to, and whether it can be reached.

    After a disconnection it is the one that was connected last: the customers stay linked.
    """

    connection: Connection | None
    parked: Mapping[type[PushState], int] = field(default_factory=dict)  # rows that were not sent, by table
    seen: Mapping[str, datetime] = field(default_factory=dict)  # when each process was last seen at work

    @property
    def tenant_id(self) -> UUID:
        """The organisation; one that nobody has without a connection."""
        return self.connection.tenant_id if self.connection else NO_TENANT

    @property
    def facts(self) -> ConnectionFacts | None:
        """What of the connection decides badges."""
        if self.connection is None:
            return None
        return ConnectionFacts(self.connection.state, self.connection.paused_until, self.connection.paused_at)

    def may_send(self, now: datetime) -> bool:
        """Return whether something may be sent now."""
        return self.facts is not None and self.facts.may_send(now)


@cache
def _status_statement() -> Select[*tuple[Any, ...]]:
    """Build its statement, once: building costs more than running."""
    ended = case((Connection.state == ConnectionState.ENDED, 1), else_=0)
    parked = [_count_parked(table) for table in push_tables()]
    seen = [select(Heartbeat.at).where(Heartbeat.process == name).scalar_subquery() for name in PROCESSES]
    query = select(Connection, *parked, *seen)
    mine = Connection.business_id == bindparam("business_id")
    return query.where(mine).order_by(ended, Connection.connected_at.desc()).limit(1)


def _count_parked(table: type[PushState]) -> ScalarSelect[int]:
    parked = select(func.count()).where(
        table.business_id == Connection.business_id,
        table.tenant_id == Connection.tenant_id,
        table.state == literal_column("'parked'"),  # a literal: only then does SQLite use the partial index
    )
    return parked.scalar_subquery()


def load_connection_status(session: Session, business_id: UUID) -> ConnectionStatus:
    """Read how a business stands with Xero, in one statement."""
    row = session.execute(_status_statement(), {"business_id": business_id}).one_or_none()
    if row is None:
        return ConnectionStatus(None)
    connection, tables = row[0], push_tables()
    parked, seen = row[1 : len(tables) + 1], row[len(tables) + 1 :]
    return ConnectionStatus(
        connection,
        dict(zip(tables, parked, strict=True)),
        {name: at for name, at in zip(PROCESSES, seen, strict=True) if at},
    )
