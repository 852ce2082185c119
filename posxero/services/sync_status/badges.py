"""What the badge of each contact says.

A list joins `Link` by `is_joined` and reads the columns `FACTS`; `condition_for` is the same
rule as `domain.states.sync_state`, in SQL.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, select, true
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.domain.enums import GONE_STATES, LinkState, SyncState
from posxero.domain.states import Badge, LinkFacts, badge
from posxero.services.owed import OWED, is_owed
from posxero.services.sync_status.connection_status import ConnectionStatus

# The columns of `BadgeFacts`, in their order.
FACTS: Final = (Link.state, case((OWED, 1), else_=0).label("owed"), Link.differs, Link.differs_since_linked)


class BadgeFacts(NamedTuple):
    """What of a contact's link decides its badge; all None when it has no link."""

    state: LinkState | None
    owed: int | bool | None
    differs: bool | None
    differs_since_linked: bool | None

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """Read them off a row that ends with the columns `FACTS`."""
        return cls(*row[-len(FACTS) :])


def is_joined(tenant_id: UUID) -> ColumnElement[bool]:
    """Return the condition that joins a `Contact` and its `Link` to one organisation."""
    return and_(Link.business_id == Contact.business_id, Link.contact_id == Contact.id, Link.tenant_id == tenant_id)


def condition_for(state: SyncState, *, may_send: bool) -> ColumnElement[bool]:
    """Return the condition on `Contact` and its joined `Link` that holds for one state of the badge.

    Args:
        may_send: Something may be sent now (`ConnectionStatus.may_send`): what is owed waits, else it is paused.
    """
    here, settled = Link.id.is_not(None), ~OWED
    changed = and_(Link.differs, settled)
    waits = and_(Link.state == LinkState.ACTIVE, OWED)
    nothing = ~true()
    conditions: dict[SyncState, ColumnElement[bool]] = {
        SyncState.NONE: Link.id.is_(None),
        SyncState.GONE: Link.state.in_(GONE_STATES),
        SyncState.CHANGED: and_(here, Link.state.not_in(GONE_STATES), changed),
        SyncState.FAILED: and_(Link.state == LinkState.PARKED, ~changed),
        SyncState.WAITING: waits if may_send else nothing,
        SyncState.PAUSED: nothing if may_send else waits,
        SyncState.SYNCED: and_(Link.state == LinkState.ACTIVE, settled, ~Link.differs),
    }
    return conditions[state]


def badge_of(status: ConnectionStatus, facts: BadgeFacts, now: datetime) -> Badge:
    """Draw the badge of a row."""
    if facts.state is None:
        return badge(None, status.facts, now)
    owed, differs, since_linked = bool(facts.owed), bool(facts.differs), bool(facts.differs_since_linked)
    return badge(LinkFacts(facts.state, owed, differs, since_linked), status.facts, now)


def link_of(session: Session, contact: Contact, status: ConnectionStatus, *, lock: bool = False) -> Link | None:
    """Load the link of a contact to the organisation of the connection status; None when it has none.

    Args:
        lock: Read the row again and keep others from writing it until the transaction ends.
    """
    return link_to(session, contact, status.tenant_id, lock=lock)


def link_to(session: Session, contact: Contact, tenant_id: UUID, *, lock: bool = False) -> Link | None:
    """Load the link of a contact to an organisation; None when it has none.

    Args:
        lock: As of `link_of`.
    """
    query = select(Link).where(
        Link.business_id == contact.business_id, Link.contact_id == contact.id, Link.tenant_id == tenant_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def badge_of_link(status: ConnectionStatus, link: Link | None, now: datetime) -> Badge:
    """Return the badge of one contact."""
    if link is None:
        return badge(None, status.facts, now)
    return badge_of(status, BadgeFacts(link.state, is_owed(link), link.differs, link.differs_since_linked), now)


def count_linked(session: Session, business_id: UUID, status: ConnectionStatus) -> int:
    """Count a business's contacts that are linked to the organisation."""
    mine = (Link.business_id == business_id, Link.tenant_id == status.tenant_id)
    return session.scalar(select(func.count()).select_from(Link).where(*mine)) or 0


def counts(session: Session, business_id: UUID, status: ConnectionStatus, now: datetime) -> dict[SyncState, int]:
    """Count a business's linked contacts by state, in one statement; every state but *Not linked* has its number."""
    states = [state for state in SyncState if state is not SyncState.NONE]
    may_send = status.may_send(now)
    sums = [func.coalesce(func.sum(case((condition_for(state, may_send=may_send), 1), else_=0)), 0) for state in states]
    query = (
        select(*sums)
        .select_from(Contact)
        .join(Link, is_joined(status.tenant_id))
        .where(Contact.business_id == business_id, Contact.merged_into.is_(None))
    )
    return dict(zip(states, map(int, session.execute(query).one()), strict=True))
