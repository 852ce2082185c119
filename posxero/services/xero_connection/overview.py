"""The state of a business's connection, for Settings → Xero."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import ConnectionState
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.services.xero_connection import organisation_changes
from posxero.xero.ports import XeroPorts

UNUSED_PERMISSION_LIFETIME = timedelta(days=60)  # Xero's OAuth 2.0 FAQ

# What the consent asks for, in words.
SCOPES = (
    "read your contacts, and change those that are linked to customers here",
    "write invoices for sales on account",
    "read the organisation's name, country and settings",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The current connection or the last one, the number of linked customers, and the calls of the day."""

    connection: Connection | None
    linked: int = 0
    is_paused: bool = False  # connected, but nothing is sent for a while
    calls_today: int | None = None  # None: unknown at the moment
    day_limit: int = 0

    @property
    def is_ended(self) -> bool:
        """Return whether the connection was disconnected."""
        return self.connection is not None and self.connection.state is ConnectionState.ENDED

    @property
    def is_lost(self) -> bool:
        """Return whether Xero no longer gives access."""
        return self.connection is not None and self.connection.state is ConnectionState.LOST

    @property
    def may_have_been_reset(self) -> bool:
        """Return whether access may have ended because Xero started its Demo Company over."""
        return self.is_lost and self.connection is not None and organisation_changes.is_demo(self.connection.name)

    @property
    def permission_until(self) -> datetime | None:
        """Return when Xero would end the permission if nothing used it."""
        grant = self.connection.grant if self.connection else None
        return grant.refreshed_at + UNUSED_PERMISSION_LIFETIME if grant else None


def get(session: Session, ports: XeroPorts, business_id: UUID, *, now: datetime) -> Overview:
    """Return the overview of a business, without the count of calls when Redis does not answer at once."""
    status = load_connection_status(session, business_id)
    if status.connection is None:
        return Overview(None)
    return Overview(
        connection=status.connection,
        linked=badges.count_linked(session, business_id, status),
        is_paused=status.connection.state is ConnectionState.CONNECTED and not status.may_send(now),
        calls_today=ports.limits.used_today(status.connection.tenant_id),
        day_limit=ports.settings.xero.day_limit,
    )
