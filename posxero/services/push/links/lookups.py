"""What a job looks up in Xero for pages: searches, and the contacts that others were merged into."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select, union
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.connection import Connection
from posxero.services.push.due import may_send
from posxero.services.push.links import following, merges, searches
from posxero.xero.errors import XeroError
from posxero.xero.ports import XeroPorts

log = structlog.get_logger(__name__)


def due_businesses(session: Session, *, now: datetime) -> list[UUID]:
    """List the businesses for which something is to be looked up now."""
    return list(session.scalars(union(searches.due_businesses(now), merges.due_businesses(now))))


def look_up(session: Session, business_id: UUID, ports: XeroPorts) -> None:
    """Look up what pages of a business wait for; nothing is changed in Xero. Ends the transaction."""
    now = database_time(session)
    connection = session.scalar(select(Connection).where(Connection.business_id == business_id, may_send(now)))
    session.commit()
    if connection is None:
        return
    searches.answer_all(session, connection, ports)
    try:
        merges.look_up_survivors(session, connection, ports)
        following.follow_merged_here(session, connection, now=now)
    except XeroError as error:  # the sweep asks again
        session.rollback()
        log.info("merges.not_read", business=str(business_id), why=str(error))
