"""How a business stands with Xero, for the page of its settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import ConnectionState, SyncState
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.xero.ports import XeroPorts

UNUSED = timedelta(days=60)  # after which Xero forgets a permission; Xero's OAuth 2.0 FAQ

# What the consent asks for, in words.
SCOPES = (
    "read your contacts, and change those that are linked to customers here",
    "write invoices for sales on account",
    "read the organisation's name, country and settings",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The connection, or the last one; counts of linked customers; calls of the day."""

    connection: Connection | None
    linked: int = 0
    waiting: int = 0
    failed: int = 0
    paused: bool = False  # connected, but Xero must be left alone for a while
    calls_today: int | None = None  # None: nobody can say at the moment
    day_limit: int = 0

    @property
    def ended(self) -> bool:
        """Return whether the connection was disconnected."""
        return self.connection is not None and self.connection.state is ConnectionState.ENDED

    @property
    def lost(self) -> bool:
        """Return whether Xero no longer lets us in."""
        return self.connection is not None and self.connection.state is ConnectionState.LOST

    @property
    def good_until(self) -> datetime | None:
        """Say when Xero would forget the permission if nobody used it."""
        grant = self.connection.grant if self.connection else None
        return grant.refreshed_at + UNUSED if grant else None


def read(session: Session, ports: XeroPorts, business_id: UUID, *, now: datetime) -> Overview:
    """Read it; the count of calls is left out when Redis does not give it in the time of a hint."""
    status = load_connection_status(session, business_id)
    if status.connection is None:
        return Overview(None)
    counts = badges.counts(session, business_id, status, now)
    return Overview(
        connection=status.connection,
        linked=sum(counts.values()),
        waiting=counts[SyncState.WAITING] + counts[SyncState.PAUSED],
        failed=counts[SyncState.FAILED],
        paused=status.connection.state is ConnectionState.CONNECTED and not status.open(now),
        calls_today=ports.limits.used_today(status.connection.tenant_id),
        day_limit=ports.settings.xero.day_limit,
    )
