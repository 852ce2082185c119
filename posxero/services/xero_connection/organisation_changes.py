"""Follow the name and the short code of an organisation, which people change in Xero."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from posxero.xero.shapes import Organisation

DEMO_NAME: Final = "Demo Company"  # as Xero names the one of each country: "Demo Company (NZ)"


def follow(session: Session, business_id: UUID, tenant_id: UUID, organisation: Organisation, *, now: datetime) -> None:
    """Take over the name and the short code, and record a new name in Sync activity; the caller commits.

    What Xero left out stays as it was.
    """
    mine = (Connection.business_id == business_id, Connection.tenant_id == tenant_id)
    connection = session.scalar(select(Connection).where(*mine).order_by(Connection.connected_at.desc()).limit(1))
    if connection is None:
        return
    earlier, name = connection.name, (organisation.name or "").strip()[:255] or connection.name
    connection.name = name
    connection.short_code = (organisation.short_code or connection.short_code)[:32]
    if name != earlier:
        note = f"{earlier} is now called {name}."
        activity.record_entry(session, business_id, ActivityKind.ORGANISATION_RENAMED, now=now, note=note)


def is_demo(name: str) -> bool:
    """Return whether an organisation is Xero's Demo Company, which starts over under a new id every 28 days or so."""
    return name.startswith(DEMO_NAME)
