"""After a disconnection: tell Xero, once and as well as it can, then wipe the tokens that serve nobody.

A connection that was ended keeps its grant until then. Nothing else can use it: a client is only made for a
connection that is connected.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection, Consent, Grant
from posxero.db.engine import begin_writing
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import token_refresh
from posxero.xero import connections_api
from posxero.xero.errors import VaultError, XeroError
from posxero.xero.ports import XeroPorts

UNUSED_GRANT_LIFETIME = timedelta(hours=1)  # after which the tokens of a consent that ended in no connection are wiped

log = structlog.get_logger(__name__)


def needs_cleanup(now: datetime) -> ColumnElement[bool]:
    """Return the condition on `Grant` that `leave` has something to do."""
    used = exists().where(Connection.grant_id == Grant.id)
    return or_(
        used.where(Connection.state == ConnectionState.ENDED),
        and_(~used, Grant.refreshed_at < now - UNUSED_GRANT_LIFETIME),
    )


def release_ended(session: Session, grant_id: UUID, ports: XeroPorts, *, now: datetime) -> None:
    """Remove the ended connections of a grant at Xero, and wipe the grant when no other uses it. Commits.

    Never revokes: at Xero that would end every connection of this user, other businesses' too.
    """
    ended = (Connection.grant_id == grant_id, Connection.state == ConnectionState.ENDED)
    rows = session.scalars(select(Connection).where(*ended)).all()
    again = select(Connection.tenant_id).where(Connection.state != ConnectionState.ENDED)
    connected = set(session.scalars(again.where(Connection.tenant_id.in_([row.tenant_id for row in rows]))))
    session.commit()
    if not rows and not session.scalar(select(Grant.id).where(Grant.id == grant_id, needs_cleanup(now))):
        session.commit()
        return
    for connection in rows:
        if connection.tenant_id not in connected:  # else it was connected again meanwhile
            _remove(session, grant_id, connection, ports, now=now)
    begin_writing(session)
    session.execute(update(Connection).where(*ended).values(grant_id=None))
    delete_if_unused(session, grant_id)
    session.commit()


def delete_if_unused(session: Session, grant_id: UUID) -> None:
    """Delete a grant and its tokens unless a connection uses it; the caller commits."""
    if session.scalar(select(Connection.id).where(Connection.grant_id == grant_id).limit(1)):
        return
    session.execute(update(Consent).where(Consent.grant_id == grant_id).values(grant_id=None))
    session.execute(delete(Grant).where(Grant.id == grant_id))


def _remove(session: Session, grant_id: UUID, connection: Connection, ports: XeroPorts, *, now: datetime) -> None:
    try:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id, business_id=connection.business_id)
        token = snapshot.tokens.access
        if snapshot.expires_at <= now:
            lease = token_refresh.acquire_lease(
                session, snapshot, until=now + ports.settings.timings.token_lease, now=now
            )
            token = token_refresh.refresh(session, ports, snapshot, lease, now=now) if lease else token
        connections_api.delete_connection(ports.http, ports.settings, token, connection.xero_connection_id)
    except (XeroError, VaultError, ValueError) as error:
        log.warning("connection.not_removed_at_xero", connection=str(connection.id), error=type(error).__name__)
