"""How a business stands with Xero, and what the badge of each contact says.

A list joins `Link` by `joined` and reads the columns `FACTS`; `filter_for` is the same
rule as `domain.states.sync_state`, in SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal_column, select, true
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.heartbeat import Heartbeat
from posxero.domain.enums import ConnectionState, LinkState, SyncState
from posxero.domain.states import Badge, ConnectionFacts, LinkFacts, badge
from posxero.services.owed import OWED, is_owed
from posxero.services.sync_status.heartbeats import PROCESSES

NO_TENANT = UUID(int=0)  # a tenant id that no organisation has
GONE = tuple(state for state in LinkState if state.gone)
# What `badge_of` takes.
FACTS = (Link.state, case((OWED, 1), else_=0).label("owed"), Link.differs, Link.differs_since_linked)


@dataclass(frozen=True)
class ConnectionStatus:
    """The organisation that a business's links are to, and whether it can be reached.

    After a disconnection it is the one that was connected last: the customers stay linked.
    """

    connection: Connection | None
    failed: int = 0  # links that are parked
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

    def open(self, now: datetime) -> bool:
        """Return whether something may be sent now."""
        return self.facts is not None and self.facts.open(now)


def connection_status(session: Session, business_id: UUID) -> ConnectionStatus:
    """Read how a business stands with Xero, in one statement."""
    row = session.execute(_status_statement(), {"business_id": business_id}).one_or_none()
    if row is None:
        return ConnectionStatus(None)
    connection, failed, *seen = row
    return ConnectionStatus(connection, failed, {name: at for name, at in zip(PROCESSES, seen, strict=True) if at})


@cache
def _status_statement() -> Select[Any]:
    """Build its statement, once: building costs more than running."""
    ended = case((Connection.state == ConnectionState.ENDED, 1), else_=0)
    parked = select(func.count()).where(
        Link.business_id == Connection.business_id,
        Link.tenant_id == Connection.tenant_id,
        Link.state == literal_column("'parked'"),  # in words, so that SQLite sees that the partial index will do
    )
    seen = [select(Heartbeat.at).where(Heartbeat.process == name).scalar_subquery() for name in PROCESSES]
    query = select(Connection, parked.scalar_subquery(), *seen)
    mine = Connection.business_id == bindparam("business_id")
    return query.where(mine).order_by(ended, Connection.connected_at.desc()).limit(1)


def is_joined(tenant_id: UUID) -> ColumnElement[bool]:
    """Return the condition that joins a `Contact` and its `Link` to one organisation."""
    return and_(Link.business_id == Contact.business_id, Link.contact_id == Contact.id, Link.tenant_id == tenant_id)


def condition_for(state: SyncState, *, opened: bool) -> ColumnElement[bool]:
    """Return the condition on `Contact` and its joined `Link` that holds for one state of the badge.

    Args:
        opened: Something may be sent now (`Standing.open`): what is owed waits, else it is paused.
    """
    here, settled = Link.id.is_not(None), ~OWED
    changed = and_(Link.differs, settled)
    waits = and_(Link.state == LinkState.ACTIVE, OWED)
    nothing = ~true()
    conditions: dict[SyncState, ColumnElement[bool]] = {
        SyncState.NONE: Link.id.is_(None),
        SyncState.GONE: Link.state.in_(GONE),
        SyncState.CHANGED: and_(here, Link.state.not_in(GONE), changed),
        SyncState.FAILED: and_(Link.state == LinkState.PARKED, ~changed),
        SyncState.WAITING: waits if opened else nothing,
        SyncState.PAUSED: nothing if opened else waits,
        SyncState.SYNCED: and_(Link.state == LinkState.ACTIVE, settled, ~Link.differs),
    }
    return conditions[state]


def badge_of(status: ConnectionStatus, facts: Sequence[Any], now: datetime) -> Badge:
    """Draw the badge of a row.

    Args:
        facts: The columns `FACTS` of the row; all None when the contact has no link.
    """
    state, owed, differs, differs_since_linked = facts
    link = LinkFacts(state, bool(owed), bool(differs), bool(differs_since_linked)) if state is not None else None
    return badge(link, status.facts, now)


def link_of(session: Session, contact: Contact, status: ConnectionStatus, *, lock: bool = False) -> Link | None:
    """Load the link of a contact to the organisation of the standing; None when it has none.

    Args:
        lock: Read the row anew and keep others from writing it until the transaction ends.
    """
    query = select(Link).where(
        Link.business_id == contact.business_id, Link.contact_id == contact.id, Link.tenant_id == status.tenant_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def state_of(status: ConnectionStatus, link: Link | None, now: datetime) -> Badge:
    """Draw the badge of one contact."""
    if link is None:
        return badge(None, status.facts, now)
    return badge_of(status, (link.state, is_owed(link), link.differs, link.differs_since_linked), now)


def counts(session: Session, business_id: UUID, status: ConnectionStatus, now: datetime) -> dict[SyncState, int]:
    """Count a business's linked contacts by state, in one statement; every state but *Not linked* has its number."""
    states = [state for state in SyncState if state is not SyncState.NONE]
    opened = status.open(now)
    sums = [func.coalesce(func.sum(case((condition_for(state, opened=opened), 1), else_=0)), 0) for state in states]
    query = (
        select(*sums)
        .select_from(Contact)
        .join(Link, is_joined(status.tenant_id))
        .where(Contact.business_id == business_id)
    )
    return dict(zip(states, map(int, session.execute(query).one()), strict=True))
