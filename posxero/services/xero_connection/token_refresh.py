"""The steps of refreshing a grant's tokens under its lease; `access` and `grant_upkeep` put them in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from posxero.db.base import database_time
from posxero.db.connection import Connection, Grant
from posxero.db.engine import rows_changed, writing
from posxero.db.lease import RELEASED_LEASE, lease_is_free, lease_is_held, lease_values
from posxero.domain.enums import ActivityKind, ConnectionState
from posxero.services import activity
from posxero.xero import identity
from posxero.xero.errors import ConsentLost, OutcomeUnknown, RetryLater
from posxero.xero.identity import PERMISSION_LOST, IssuedTokens
from posxero.xero.ports import XeroPorts
from posxero.xero.vault import Tokens, Vault

UNREADABLE = "The saved permission from Xero can't be read with this server's keys. Connect again."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GrantSnapshot:
    """What a grant's row held when it was read."""

    grant_id: UUID
    version: int
    tokens: Tokens
    expires_at: datetime
    business_id: UUID | None  # whose consent it was; None where it was encrypted before that was stored


def read_grant(session: Session, vault: Vault, grant_id: UUID, *, business_id: UUID | None = None) -> GrantSnapshot:
    """Read a grant and decrypt its tokens. Ends the transaction.

    Args:
        session: Without pending changes.
        vault: Decrypts them.
        grant_id: Which grant.
        business_id: Whose call the tokens are for; None for the upkeep of the grant itself.

    Raises:
        ConsentLost: The grant was deleted, or is marked lost.
        VaultError: Our keys do not open it, or it is of another business.
    """
    columns = (Grant.token_version, Grant.tokens, Grant.expires_at, Grant.lost_at)
    row = session.execute(select(*columns).where(Grant.id == grant_id)).one_or_none()
    session.commit()
    if row is None or row.lost_at is not None:
        raise ConsentLost(PERMISSION_LOST)
    opened = vault.open(grant_id, row.tokens, business_id=business_id)
    return GrantSnapshot(grant_id, row.token_version, opened.tokens, row.expires_at, opened.business_id)


def acquire_lease(session: Session, snapshot: GrantSnapshot, *, until: datetime, now: datetime) -> UUID | None:
    """Acquire the lease to refresh what was read. Commits.

    Returns:
        The lease's token; None when another process holds it, or the tokens changed since.
    """
    lease = uuid4()
    values = lease_values(lease, now=now, until=until)
    with writing(session):
        is_acquired = _update(session, snapshot.grant_id, snapshot.version, lease_is_free(Grant, now), **values)
    return lease if is_acquired else None


def refresh(session: Session, ports: XeroPorts, snapshot: GrantSnapshot, lease: UUID, *, now: datetime) -> str:
    """Refresh under the lease and store the new tokens. Commits; no transaction is open during the request.

    Returns:
        The new access token, or the one that another process stored first.

    Raises:
        ConsentLost: The grant is dead; it and its connections are marked lost.
        RetryLater: Impossible now; the lease is released.
    """
    try:
        issued = _request_tokens(ports, snapshot)
    except ConsentLost as error:
        if mark_lost(session, snapshot.grant_id, snapshot.version, error.reason, now=now):
            raise
        return read_grant(session, ports.vault, snapshot.grant_id).tokens.access  # another process was faster
    except RetryLater:
        with writing(session):
            _update(session, snapshot.grant_id, snapshot.version, lease_is_held(Grant, lease), **RELEASED_LEASE)
        raise
    if _store(session, ports.vault, snapshot, issued, now=now):
        log.info("grant.refreshed", grant=str(snapshot.grant_id), version=snapshot.version + 1)
        return issued.tokens.access
    return read_grant(session, ports.vault, snapshot.grant_id).tokens.access


def mark_lost(session: Session, grant_id: UUID, version: int, reason: str, *, now: datetime) -> bool:
    """Mark a grant and its connections lost, unless its tokens changed since; return whether it did. Commits."""
    with writing(session):
        is_marked = _update(session, grant_id, version, lost_at=now, **RELEASED_LEASE)
        if is_marked:
            mark_connections(session, reason, Connection.grant_id == grant_id)
    if is_marked:
        log.warning("grant.lost", grant=str(grant_id))
    return is_marked


def mark_connections(session: Session, reason: str, *conditions: ColumnElement[bool]) -> None:
    """Mark connected connections as lost, with the reason in words, and record it; the caller commits."""
    lost = session.execute(
        update(Connection)
        .where(Connection.state == ConnectionState.CONNECTED, *conditions)
        .values(state=ConnectionState.LOST, reason=reason[:500])
        .returning(Connection.business_id, Connection.name)
        .execution_options(synchronize_session="evaluate")
    )
    kind, now = ActivityKind.CONNECTION_LOST, database_time(session)
    for business_id, name in lost.all():
        activity.record_entry(session, business_id, kind, now=now, note=f"{name}. {reason}")


def _request_tokens(ports: XeroPorts, snapshot: GrantSnapshot) -> IssuedTokens:
    """Ask for new tokens, after a lost response once more: Xero accepts the old token for 30 minutes."""
    try:
        return identity.refresh(ports.http, ports.settings, snapshot.tokens.refresh)
    except OutcomeUnknown:
        log.warning("grant.refresh_unanswered", grant=str(snapshot.grant_id))
    try:
        return identity.refresh(ports.http, ports.settings, snapshot.tokens.refresh)
    except OutcomeUnknown as error:
        raise RetryLater("Xero's identity server does not answer") from error


def _store(session: Session, vault: Vault, snapshot: GrantSnapshot, issued: IssuedTokens, *, now: datetime) -> bool:
    """Store new tokens and release the lease, unless another process stored others first. Commits."""
    with writing(session):
        business_id = snapshot.business_id or _only_business(session, snapshot.grant_id)
        return _update(
            session,
            snapshot.grant_id,
            snapshot.version,
            token_version=snapshot.version + 1,
            tokens=vault.seal(snapshot.grant_id, issued.tokens, business_id=business_id),
            expires_at=now + issued.lifetime,
            refreshed_at=now,
            **RELEASED_LEASE,
        )


def _only_business(session: Session, grant_id: UUID) -> UUID | None:
    """Return the one business whose connections use a grant; None when there is none, or several."""
    query = select(Connection.business_id).where(Connection.grant_id == grant_id).distinct()
    business_ids = session.scalars(query).all()
    return business_ids[0] if len(business_ids) == 1 else None


def _update(session: Session, grant_id: UUID, version: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Update a grant only while its tokens are those of `version`; return whether it was."""
    result = session.execute(
        update(Grant)
        .where(Grant.id == grant_id, Grant.token_version == version, *conditions)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows_changed(result))
