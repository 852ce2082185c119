"""Access to Xero under a grant: tokens that are good, refreshed by one process at a time.

A lease on the grant's row decides who refreshes. The new tokens are stored by compare-and-set on `token_version` and
committed before they are used; until then the old refresh token stays good at Xero for 30 minutes, so a crash or a
lost answer in between costs nothing. These functions end the session's transaction: nothing may be pending in it.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection, Grant
from posxero.db.engine import begin_writing
from posxero.db.lease import lease_has_expired
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import consent_check, grant_cleanup, token_refresh
from posxero.services.xero_connection.token_refresh import GrantSnapshot
from posxero.xero.client import XeroClient
from posxero.xero.errors import ConsentLost, RetryLater, TokenExpired, VaultError, WrongBusiness
from posxero.xero.ports import XeroPorts

REFRESH_BEFORE_EXPIRY = timedelta(minutes=3)  # a token with less left is refreshed before it is used
MIN_USABLE_LIFETIME = timedelta(seconds=30)  # a token with more left is used when it cannot be refreshed
LEASE_POLL_SECONDS = 0.1  # seconds between two looks at a row that another process refreshes
RETRY_AFTER_LEASE = timedelta(seconds=5)
ENDED = "This business is not connected to Xero."
UNREADABLE = "The saved permission from Xero can't be read with this server's keys. Connect again."
OTHER_BUSINESS = "The saved permission from Xero belongs to another business. Connect again."
UNACCEPTED = "Xero no longer accepts our permission. Connect again."

T = TypeVar("T")
log = structlog.get_logger(__name__)


def access_token(
    session: Session,
    ports: XeroPorts,
    grant_id: UUID,
    *,
    now: datetime,
    refused: str = "",
    business_id: UUID | None = None,
) -> str:
    """Give an access token that is good for a call now, refreshed when it must be. Ends the transaction.

    Args:
        session: Without pending changes.
        ports: Settings, vault and the connections to Xero.
        grant_id: Whose token.
        now: The database's time.
        refused: An access token that Xero answered 401 to; another one is wanted.
        business_id: Whose call it is for; None to look after the grant itself.

    Raises:
        ConsentLost: The grant is dead; it and its connections are marked lost.
        VaultError: The tokens cannot be opened, or not for this business; no call is made.
        RetryLater: Another process is refreshing and is not done, or Xero's identity server cannot now.
    """
    timings = ports.settings.timings
    end = time.monotonic() + timings.token_wait.total_seconds()
    began = time.monotonic()
    while True:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id, business_id=business_id)
        moment = now + timedelta(seconds=time.monotonic() - began)
        usable = snapshot.tokens.access != refused
        if usable and snapshot.expires_at - moment > REFRESH_BEFORE_EXPIRY:
            return snapshot.tokens.access
        lease = token_refresh.acquire_lease(session, snapshot, until=moment + timings.token_lease, now=moment)
        if lease is not None:
            return _refreshed(session, ports, snapshot, lease, now=moment, usable=usable)
        if usable and snapshot.expires_at - moment > MIN_USABLE_LIFETIME:
            return snapshot.tokens.access
        if time.monotonic() >= end:
            raise RetryLater("another process is refreshing the permission", wait=RETRY_AFTER_LEASE)
        time.sleep(LEASE_POLL_SECONDS)


def open_client(
    session: Session,
    connection: Connection,
    ports: XeroPorts,
    *,
    now: datetime,
    reserve: bool = False,
    refused: str = "",
) -> XeroClient:
    """Make a client for a connection, as the database has it now. Ends the transaction.

    Raises:
        ConsentLost: The connection is lost or was ended.
        RetryLater: There is no good token at the moment.
    """
    query = select(Connection.state, Connection.grant_id, Connection.reason)
    row = session.execute(
        query.where(Connection.business_id == connection.business_id, Connection.id == connection.id)
    ).one_or_none()
    if row is None or row.state is not ConnectionState.CONNECTED or row.grant_id is None:
        session.commit()
        raise ConsentLost((row.reason if row else "") or ENDED, connection_only=True)
    try:
        token = access_token(session, ports, row.grant_id, now=now, refused=refused, business_id=connection.business_id)
    except VaultError as error:
        business = str(connection.business_id)
        log.error("grant.not_opened", grant=str(row.grant_id), business=business, error=str(error))  # noqa: TRY400 - no secrets in a traceback
        raise ConsentLost(OTHER_BUSINESS if isinstance(error, WrongBusiness) else UNREADABLE) from error
    return XeroClient(
        ports.http, ports.settings.xero.api_url, connection.tenant_id, token, ports.limits, reserve=reserve
    )


def call(
    session: Session,
    connection: Connection,
    ports: XeroPorts,
    use: Callable[[XeroClient], T],
    *,
    now: datetime,
    reserve: bool = False,
) -> T:
    """Let `use` make its call; when Xero says the token expired, refresh once and let it call again.

    A consent that turns out to be lost marks the connection: Xero's identity server says so, or the organisation is
    gone from /connections, or /connections does not accept a fresh token either. Until then a refusal is an outage.
    Ends the transaction.

    Raises:
        XeroError: What `use` raises, except TokenExpired and AccessDenied.
    """
    seen = connection.grant_id
    attempt = partial(consent_check.attempt, ports, connection.tenant_id, use)
    try:
        client = open_client(session, connection, ports, now=now, reserve=reserve)
        try:
            return attempt(client, fresh=False)
        except TokenExpired:
            refused = client.access_token
        return attempt(open_client(session, connection, ports, now=now, reserve=reserve, refused=refused), fresh=True)
    except TokenExpired as error:  # of a fresh token, and by /connections too
        mark_connection_lost(session, connection, UNACCEPTED, grant_id=seen)
        raise ConsentLost(UNACCEPTED) from error
    except ConsentLost as error:
        mark_connection_lost(session, connection, error.reason, grant_id=seen)
        raise


def mark_connection_lost(session: Session, connection: Connection, reason: str, *, grant_id: UUID | None) -> None:
    """Mark a connection lost, unless it was ended or has a newer grant than `grant_id`. Commits."""
    begin_writing(session)
    token_refresh.mark_connections(session, reason, Connection.id == connection.id, Connection.grant_id == grant_id)
    session.commit()


def keep_alive(session: Session, grant_id: UUID, ports: XeroPorts, *, now: datetime) -> None:
    """Look after a grant that is due: leave what was disconnected, or refresh what was idle. Commits.

    What cannot be done now is logged, and stays due.
    """
    grant_cleanup.release_ended(session, grant_id, ports, now=now)
    if not session.scalar(select(_due(now, ports.settings.timings.keep_alive)).where(Grant.id == grant_id)):
        session.commit()
        return
    version = session.scalar(select(Grant.token_version).where(Grant.id == grant_id)) or 0
    try:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id)
        lease = token_refresh.acquire_lease(session, snapshot, until=now + ports.settings.timings.token_lease, now=now)
        if lease is not None:
            token_refresh.refresh(session, ports, snapshot, lease, now=now)
    except VaultError:
        token_refresh.mark_lost(session, grant_id, version, UNREADABLE, now=now)
    except (RetryLater, ConsentLost) as error:
        log.warning("grant.not_kept_alive", grant=str(grant_id), error=str(error))


def due_grants(session: Session, *, now: datetime, keep_alive: timedelta) -> list[UUID]:
    """List the grants that `keep_alive` should look at: idle, cut off in a refresh, or to be left."""
    return list(session.scalars(select(Grant.id).where(or_(_due(now, keep_alive), grant_cleanup.needs_cleanup(now)))))


def _due(now: datetime, keep_alive: timedelta) -> ColumnElement[bool]:
    idle = Grant.refreshed_at < now - keep_alive
    return and_(Grant.lost_at.is_(None), or_(idle, lease_has_expired(Grant, now)))


def _refreshed(
    session: Session, ports: XeroPorts, snapshot: GrantSnapshot, lease: UUID, *, now: datetime, usable: bool
) -> str:
    try:
        return token_refresh.refresh(session, ports, snapshot, lease, now=now)
    except RetryLater:
        if usable and snapshot.expires_at - now > MIN_USABLE_LIFETIME:
            return snapshot.tokens.access
        raise
