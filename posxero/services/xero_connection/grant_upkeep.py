"""The upkeep of grants: refresh what nobody used before Xero forgets it, and clean up after disconnections."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from posxero.db.connection import Grant
from posxero.db.lease import lease_has_expired
from posxero.services.xero_connection import grant_cleanup, token_refresh
from posxero.services.xero_connection.token_refresh import UNREADABLE
from posxero.xero.errors import ConsentLost, RetryLater, VaultError
from posxero.xero.ports import XeroPorts

log = structlog.get_logger(__name__)


def due_grants(session: Session, *, now: datetime, keep_alive: timedelta) -> list[UUID]:
    """List the grants that need upkeep: idle for `keep_alive`, interrupted in a refresh, or to be released."""
    needs_upkeep = or_(_needs_refresh(now, keep_alive), grant_cleanup.needs_cleanup(now))
    return list(session.scalars(select(Grant.id).where(needs_upkeep)))


def keep_alive(session: Session, grant_id: UUID, ports: XeroPorts, *, now: datetime) -> None:
    """Release a grant's ended connections, and refresh its tokens when they are due. Commits.

    What is impossible now is logged, and stays due.
    """
    grant_cleanup.release_ended(session, grant_id, ports, now=now)
    timings = ports.settings.timings
    due = select(Grant.token_version).where(Grant.id == grant_id, _needs_refresh(now, timings.keep_alive))
    version = session.scalar(due)
    session.commit()
    if version is None:
        return
    try:
        snapshot = token_refresh.read_grant(session, ports.vault, grant_id)
        lease = token_refresh.acquire_lease(session, snapshot, until=now + timings.token_lease, now=now)
        if lease is not None:
            token_refresh.refresh(session, ports, snapshot, lease, now=now)
    except VaultError:
        token_refresh.mark_lost(session, grant_id, version, UNREADABLE, now=now)
    except (RetryLater, ConsentLost) as error:
        log.warning("grant.not_kept_alive", grant=str(grant_id), error=str(error))


def _needs_refresh(now: datetime, keep_alive: timedelta) -> ColumnElement[bool]:
    is_idle = Grant.refreshed_at < now - keep_alive
    return and_(Grant.lost_at.is_(None), or_(is_idle, lease_has_expired(Grant, now)))
