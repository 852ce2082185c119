"""What every page says about the shop's connection to Xero, in one statement."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.contact import Link
from posxero.domain.words import ConnectionState, LinkState


@dataclass(frozen=True)
class Overview:
    """The organisation, whether it can be reached, and how many customers were not sent."""

    organisation: str = ""
    connection: str = "none"  # connected, lost or none
    failed: int = 0


def read(session: Session, business_id: UUID) -> Overview:
    """Read it."""
    failed = (
        select(func.count())
        .select_from(Link)
        .where(
            Link.business_id == business_id,
            Link.tenant_id == Connection.tenant_id,
            Link.state == LinkState.PARKED,
        )
        .scalar_subquery()
    )
    row = session.execute(
        select(Connection.name, Connection.state, failed).where(
            Connection.business_id == business_id, Connection.state != ConnectionState.ENDED
        )
    ).one_or_none()
    return Overview(row[0], row[1].value, row[2]) if row else Overview()
