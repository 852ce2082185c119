"""Calls to Xero for a connection: a good access token, a client, and what a refused call means for the connection.

A token is refreshed by one process at a time, under a lease on the grant's row. The new tokens are stored by
compare-and-set on `token_version` and committed before they are used; until then the old refresh token stays good at
Xero for 30 minutes, so a crash or a lost response in between costs nothing. These functions end the session's
transaction: nothing may be pending in it.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from posxero.db.connection import Connection
from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState
from posxero.services.xero_connection import consent_check, token_refresh
from posxero.services.xero_connection.token_refresh import UNREADABLE, GrantSnapshot
from posxero.xero.client import XeroClient
from posxero.xero.errors import ConsentLost, RetryLater, TokenExpired, VaultError, WrongBusiness
from posxero.xero.ports import XeroPorts

REFRESH_BEFORE_EXPIRY = timedelta(minutes=3)  # a token with less left is refreshed before it is used
MIN_USABLE_LIFETIME = timedelta(seconds=30)  # a token with more left is used when it cannot be refreshed
LEASE_POLL_SECONDS = 0.1  # between two reads of a grant that another process refreshes
RETRY_AFTER_LEASE = timedelta(seconds=5)  # for a call that found the lease taken for too long
NOT_CONNECTED = "This business is not connected to Xero."
OTHER_BUSINESS = "The saved permission from Xero belongs to another business. Connect again."
NOT_ACCEPTED = "Xero no longer accepts our permission. Connect again."

T = TypeVar("T")
log = structlog.get_logger(__name__)


def call(
    session: Session,
    connection: Connection,
    ports: XeroPorts,
    operation: Callable[[XeroClient], T],
    *,
    now: datetime,
    is_background: bool = False,
) -> T:
    """Run an operation that makes one call; when Xero says that the token expired, refresh it once and run it again.

    Marks the connection lost when its consent is: Xero's identity server says so, or the organisation is not listed at
    /connections, or /connections does not accept a fresh token either. Until then a refusal is an outage.
    Ends the transaction.

    Raises:
        XeroError: What the operation raises, except TokenExpired and AccessDenied.
    """
    grant_id = connection.grant_id
    attempt = partial(consent_check.attempt, ports, connection.tenant_id, operation)
    try:
        client = open_client(session, connection, ports, now=now, is_background=is_background)
        try:
            return attempt(client, is_fresh=False)
        except TokenExpired:
            rejected = client.access_token
        client = open_client(session, connection, ports, now=now, is_background=is_background, rejected_token=rejected)
        return attempt(client, is_fresh=True)
    except TokenExpired as error:  # of a fresh token, and by /connections too
        mark_connection_lost(session, connection, NOT_ACCEPTED, grant_id=grant_id)
        raise ConsentLost(NOT_ACCEPTED) from error
    except ConsentLost as error:
        mark_connection_lost(session, connection, error.reason, grant_id=grant_id)
        raise


def open_client(
    session: Session,
    connection: Connection,
    ports: XeroPorts,
    *,
    now: datetime,
    is_background: bool = False,
    rejected_token: str = "",
) -> XeroClient:
    """Make a client for a connection, as the database has it now. Ends the transaction.

    Raises:
        ConsentLost: The connection is lost or was ended.
        RetryLater: There is no good token at the moment.
    """
    row = session.execute(
        select(Connection.state, Connection.grant_id, Connection.reason).where(
            Connection.business_id == connection.business_id, Connection.id == connection.id
        )
    ).one_or_none()
    session.commit()
    if row is None or row.state is not ConnectionState.CONNECTED or row.grant_id is None:
        raise ConsentLost((row.reason if row else "") or NOT_CONNECTED)
    business_id = connection.business_id
    try:
        token = access_token(
            session, ports, row.grant_id, now=now, rejected_token=rejected_token, business_id=business_id
        )
    except VaultError as error:
        log.error("grant.not_opened", grant=str(row.grant_id), business=str(business_id), error=str(error))  # noqa: TRY400 - no secrets in a traceback
        raise ConsentLost(OTHER_BUSINESS if isinstance(error, WrongBusiness) else UNREADABLE) from error
    api_url = ports.settings.xero.api_url
    return XeroClient(ports.http, api_url, connection.tenant_id, token, ports.limits, is_background=is_background)


def access_token(
    session: Session,
    ports: XeroPorts,
    grant_id: UUID,
    *,
    now: datetime,
    rejected_token: str = "",
    business_id: UUID | None = None,
) -> str:
    """Return an access token that is good for a call now, refreshed when it must be. Ends the transaction.

    Args:
        session: Without pending changes.
        ports: Settings, vault and the connections to Xero.
        grant_id: Whose token.
        now: The database's time.
        rejected_token: An access token that Xero answered 401 to; another one is wanted.
        business_id: Whose call it is for; None for the upkeep of the grant itself.

    Raises:
        ConsentLost: The grant is dead; it and its connections are marked lost.
        VaultError: The tokens cannot be opened, or not for this business; no call is made.
        RetryLater: Another process is refreshing and has not finished, or Xero's identity server cannot now.
    """
    timings, started = ports.settings.timings, time.monotonic()
    while True:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id, business_id=business_id)
        waited = timedelta(seconds=time.monotonic() - started)
        time_left = snapshot.expires_at - (now + waited)
        is_accepted = snapshot.tokens.access != rejected_token
        if is_accepted and time_left > REFRESH_BEFORE_EXPIRY:
            return snapshot.tokens.access
        is_usable = is_accepted and time_left > MIN_USABLE_LIFETIME
        until = now + waited + timings.token_lease
        lease = token_refresh.acquire_lease(session, snapshot, until=until, now=now + waited)
        if lease is not None:
            return _refresh_or_use(session, ports, snapshot, lease, now=now + waited, is_usable=is_usable)
        if is_usable:
            return snapshot.tokens.access
        if waited >= timings.token_wait:
            raise RetryLater("another process is refreshing the permission", wait=RETRY_AFTER_LEASE)
        time.sleep(LEASE_POLL_SECONDS)


def mark_connection_lost(session: Session, connection: Connection, reason: str, *, grant_id: UUID | None) -> None:
    """Mark a connection lost, unless it was ended or has a newer grant than `grant_id`. Commits."""
    with writing(session):
        token_refresh.mark_connections(session, reason, Connection.id == connection.id, Connection.grant_id == grant_id)


def _refresh_or_use(
    session: Session, ports: XeroPorts, snapshot: GrantSnapshot, lease: UUID, *, now: datetime, is_usable: bool
) -> str:
    """Refresh under the lease; return the token that still works where that is impossible now."""
    try:
        return token_refresh.refresh(session, ports, snapshot, lease, now=now)
    except RetryLater:
        if is_usable:
            return snapshot.tokens.access
        raise
