"""What there is before an import starts: the organisation, the customers, an import that runs."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact, Link
from posxero.domain.enums import ConnectionState
from posxero.services.imports.queries import current
from posxero.services.xero_connection import connections


@dataclass(frozen=True)
class ImportPreview:
    """What the first page of an import says.

    Attributes:
        organisation: "" when none is connected.
        connected: It can be read.
        unlinked: Contacts here that are not linked to it; they are matched first.
        linked: Contacts here that are.
        running: The import that is running, if one is.
    """

    organisation: str
    connected: bool
    unlinked: int
    linked: int
    running: UUID | None


def preview(session: Session, business_id: UUID) -> ImportPreview:
    """Read it."""
    connection = connections.current(session, business_id)
    contacts = session.scalar(select(func.count()).where(Contact.business_id == business_id)) or 0
    linked = 0
    if connection is not None:
        links = select(func.count()).where(Link.business_id == business_id, Link.tenant_id == connection.tenant_id)
        linked = session.scalar(links) or 0
    running = current(session, business_id)
    return ImportPreview(
        organisation=connection.name if connection else "",
        connected=connection is not None and connection.state is ConnectionState.CONNECTED,
        unlinked=contacts - linked,
        linked=linked,
        running=running.id if running else None,
    )
