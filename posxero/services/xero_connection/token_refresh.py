"""The steps of refreshing a grant's tokens; `grants` puts them in order. Each commits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from posxero.db.connection import Connection, Grant
from posxero.db.engine import begin_writing, rows_changed
from posxero.db.lease import RELEASED_LEASE, lease_is_free, lease_is_held, lease_values
from posxero.domain.enums import ConnectionState
from posxero.xero import identity
from posxero.xero.errors import ConsentLost, OutcomeUnknown, RetryLater
from posxero.xero.identity import PERMISSION_LOST, IssuedTokens
from posxero.xero.ports import XeroPorts
from posxero.xero.vault import Tokens, Vault

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GrantSnapshot:
    """What a grant's row held when it was read."""

    grant_id: UUID
    version: int
    tokens: Tokens
    expires_at: datetime
    business_id: UUID | None  # whose consent it was; None in texts that were sealed before that was written


def read_grant(session: Session, vault: Vault, grant_id: UUID, *, business_id: UUID | None = None) -> GrantSnapshot:
    """Read a grant and open its tokens; ends the transaction.

    Args:
        session: Without pending changes.
        vault: Opens them.
        grant_id: Which grant.
        business_id: Whose call the tokens are for; None to look after the grant itself.

    Raises:
        ConsentLost: There is no such grant any more, or it is marked lost.
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
    """Take the lease to refresh what was read; None when another has it, or the tokens moved on."""
    lease = uuid4()
    begin_writing(session)
    values = lease_values(lease, now=now, until=until)
    acquired = _update(session, snapshot.grant_id, snapshot.version, lease_is_free(Grant, now), **values)
    session.commit()
    return lease if acquired else None


def refresh(session: Session, ports: XeroPorts, snapshot: GrantSnapshot, lease: UUID, *, now: datetime) -> str:
    """Refresh under the lease and store the tokens.

    Returns:
        The new access token, or that of a process which was faster.

    Raises:
        ConsentLost: The grant is dead; it and its connections are marked lost.
        RetryLater: Not now; the lease is given back.
    """
    try:
        new = _request_tokens(ports, snapshot)
    except ConsentLost as error:
        if mark_lost(session, snapshot.grant_id, snapshot.version, error.reason, now=now):
            raise
        return read_grant(session, ports.vault, snapshot.grant_id).tokens.access  # another process was faster
    except RetryLater:
        begin_writing(session)
        _update(session, snapshot.grant_id, snapshot.version, lease_is_held(Grant, lease), **RELEASED_LEASE)
        session.commit()
        raise
    begin_writing(session)
    owner = snapshot.business_id or _only_business(session, snapshot.grant_id)
    sealed = ports.vault.seal(snapshot.grant_id, new.tokens, business_id=owner)
    stored = _update(
        session,
        snapshot.grant_id,
        snapshot.version,
        token_version=snapshot.version + 1,
        tokens=sealed,
        expires_at=now + new.lifetime,
        refreshed_at=now,
        **RELEASED_LEASE,
    )
    session.commit()
    if stored:
        log.info("grant.refreshed", grant=str(snapshot.grant_id), version=snapshot.version + 1)
        return new.tokens.access
    return read_grant(session, ports.vault, snapshot.grant_id).tokens.access


def mark_lost(session: Session, grant_id: UUID, version: int, reason: str, *, now: datetime) -> bool:
    """Mark a grant and its connections lost, unless its tokens moved on; tells whether it did. Commits."""
    begin_writing(session)
    marked = _update(session, grant_id, version, lost_at=now, **RELEASED_LEASE)
    if marked:
        mark_connections(session, reason, Connection.grant_id == grant_id)
        log.warning("grant.lost", grant=str(grant_id))
    session.commit()
    return marked


def mark_connections(session: Session, reason: str, *which: ColumnElement[bool]) -> None:
    """Mark connected connections as lost, with the reason in words; the caller commits."""
    session.execute(
        update(Connection)
        .where(Connection.state == ConnectionState.CONNECTED, *which)
        .values(state=ConnectionState.LOST, reason=reason[:500])
        .execution_options(synchronize_session="evaluate")
    )


def _request_tokens(ports: XeroPorts, snapshot: GrantSnapshot) -> IssuedTokens:
    """Ask for new tokens; after a lost answer once more, since Xero takes the old token for 30 minutes."""
    try:
        return identity.refresh(ports.http, ports.settings, snapshot.tokens.refresh)
    except OutcomeUnknown:
        log.warning("grant.refresh_unanswered", grant=str(snapshot.grant_id))
    try:
        return identity.refresh(ports.http, ports.settings, snapshot.tokens.refresh)
    except OutcomeUnknown as error:
        raise RetryLater("Xero's identity server does not answer") from error


def _only_business(session: Session, grant_id: UUID) -> UUID | None:
    """Find the business of a grant by its connections; None when it has none, or several."""
    found = session.scalars(select(Connection.business_id).where(Connection.grant_id == grant_id).distinct()).all()
    return found[0] if len(found) == 1 else None


def _update(session: Session, grant_id: UUID, version: int, *also: ColumnElement[bool], **values: Any) -> bool:
    """Change a grant only while its tokens are those of `version`."""
    changed = session.execute(
        update(Grant)
        .where(Grant.id == grant_id, Grant.token_version == version, *also)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows_changed(changed))
