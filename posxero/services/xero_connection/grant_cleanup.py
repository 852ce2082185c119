"""Clean up after a disconnection: tell Xero, once and without insisting, then delete tokens that nothing uses.

A connection that was ended keeps its grant until then. Nothing else can use it: a client is only made for a connection
that is connected.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection, Consent, Grant
from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import token_refresh
from posxero.xero import connections_api
from posxero.xero.errors import VaultError, XeroError
from posxero.xero.ports import XeroPorts

UNUSED_GRANT_LIFETIME = timedelta(hours=1)  # after which the tokens of a consent without a connection are deleted

log = structlog.get_logger(__name__)


def needs_cleanup(now: datetime) -> ColumnElement[bool]:
    """Return the condition on `Grant` that `release_ended` has something to do."""
    is_used = exists().where(Connection.grant_id == Grant.id)
    return or_(
        is_used.where(Connection.state == ConnectionState.ENDED),
        and_(~is_used, Grant.refreshed_at < now - UNUSED_GRANT_LIFETIME),
    )


def release_ended(session: Session, grant_id: UUID, ports: XeroPorts, *, now: datetime) -> None:
    """Delete the ended connections of a grant at Xero, and the grant when no other connection uses it. Commits.

    Never revokes: at Xero that would end every connection of this user, those of other businesses too.
    """
    is_ended = (Connection.grant_id == grant_id, Connection.state == ConnectionState.ENDED)
    ended = session.scalars(select(Connection).where(*is_ended)).all()
    reconnected = _tenants_in_use(session, [connection.tenant_id for connection in ended])
    is_due = bool(ended) or session.scalar(select(Grant.id).where(Grant.id == grant_id, needs_cleanup(now))) is not None
    session.commit()
    if not is_due:
        return
    for connection in ended:
        if connection.tenant_id not in reconnected:
            _delete_at_xero(session, grant_id, connection, ports, now=now)
    with writing(session):
        session.execute(update(Connection).where(*is_ended).values(grant_id=None))
        delete_if_unused(session, grant_id)


def delete_if_unused(session: Session, grant_id: UUID) -> None:
    """Delete a grant and its tokens unless a connection uses it; the caller commits."""
    if session.scalar(select(Connection.id).where(Connection.grant_id == grant_id).limit(1)):
        return
    session.execute(update(Consent).where(Consent.grant_id == grant_id).values(grant_id=None))
    session.execute(delete(Grant).where(Grant.id == grant_id))


def _tenants_in_use(session: Session, tenant_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these organisations some business is connected to."""
    in_use = select(Connection.tenant_id).where(
        Connection.tenant_id.in_(tenant_ids), Connection.state != ConnectionState.ENDED
    )
    return set(session.scalars(in_use))


def _delete_at_xero(
    session: Session, grant_id: UUID, connection: Connection, ports: XeroPorts, *, now: datetime
) -> None:
    """Delete one connection at Xero; what goes wrong is logged, and not tried again."""
    try:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id, business_id=connection.business_id)
        token = snapshot.tokens.access
        if snapshot.expires_at <= now:
            until = now + ports.settings.timings.token_lease
            lease = token_refresh.acquire_lease(session, snapshot, until=until, now=now)
            token = token_refresh.refresh(session, ports, snapshot, lease, now=now) if lease else token
        is_in_use = bool(_tenants_in_use(session, [connection.tenant_id]))
        session.commit()
        if is_in_use:  # somebody connected again while the token was refreshed
            return
        connections_api.delete_connection(ports.http, ports.settings, token, connection.xero_connection_id)
    except (XeroError, VaultError, ValueError) as error:
        log.warning("connection.not_removed_at_xero", connection=str(connection.id), error=type(error).__name__)
