"""Sign-ins: a row that can be ended, found by a secret that only the browser holds."""

from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import sha256

import structlog
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from posxero.db.business import User, UserSession
from posxero.db.engine import rows_changed, writing
from posxero.db.failures import Failure, failure_of
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import security_log
from posxero.services.accounts.security_log import Actor

log = structlog.get_logger(__name__)


ACTIVITY_WRITE_INTERVAL = timedelta(seconds=30)  # activity is written no more often


# Built once: every request asks it, and building costs more than running.
SESSION_BY_SECRET = select(UserSession).where(UserSession.secret_hash == bindparam("secret_hash"))


def hash_secret(secret: str) -> str:
    """Hash the secret of a sign-in; it is random, so SHA-256 needs no salt."""
    return sha256(secret.encode()).hexdigest()


def find(session: Session, secret: str, *, now: datetime, idle: timedelta, absolute: timedelta) -> UserSession | None:
    """Find a sign-in that is neither ended nor idle nor too old, of a user who was not removed."""
    found = session.scalar(SESSION_BY_SECRET, {"secret_hash": hash_secret(secret)})
    if found is None or found.user.removed_at is not None:
        return None
    if now - found.active_at > idle or now - found.created_at > absolute:
        return None
    return found


def _touch(session: Session, found: UserSession, now: datetime) -> None:
    with writing(session):
        session.execute(
            update(UserSession)
            .where(UserSession.secret_hash == found.secret_hash)
            .values(active_at=now)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(User)
            .where(User.business_id == found.business_id, User.id == found.user_id)
            .values(last_seen_at=now)
            .execution_options(synchronize_session=False)
        )


def record_activity(session: Session, secret: str, *, now: datetime) -> None:
    """Note that the person did something; commits when the last note is old enough.

    While the database is busy or its disk is full nothing is noted: pages can still be read.
    """
    found = session.get(UserSession, hash_secret(secret))
    if found is None or now - found.active_at < ACTIVITY_WRITE_INTERVAL:
        return
    try:
        _touch(session, found, now)
    except OperationalError as error:
        if failure_of(error) not in {Failure.BUSY, Failure.FULL}:
            raise
        log.warning("sign_in.not_touched", error=str(error.orig))


def end(session: Session, user: User, secret: str, *, by: Actor, now: datetime) -> None:
    """End one sign-in of a user."""
    with writing(session):
        session.execute(delete(UserSession).where(UserSession.secret_hash == hash_secret(secret)))
        security_log.record(session, user.business_id, SecurityEventKind.SIGNED_OUT, by=by, now=now)


def end_all(session: Session, user: User, *, but: str = "") -> int:
    """End every sign-in of a user; the caller commits.

    Args:
        but: The hash of the secret of one that continues.

    Returns:
        How many were ended.
    """
    theirs = (UserSession.business_id == user.business_id, UserSession.user_id == user.id)
    return rows_changed(session.execute(delete(UserSession).where(*theirs, UserSession.secret_hash != but)))


class SignInEnd(Enum):
    """How a sign-in came to its end."""

    IDLE = auto()  # nobody used it for the idle time
    TOO_OLD = auto()
    ENDED = auto()  # from elsewhere: signed out there, password changed, user removed


def end_of(session: Session, secret: str, *, now: datetime, idle: timedelta, absolute: timedelta) -> SignInEnd | None:
    """Return why a browser's sign-in does not hold; None when it holds, or the browser has none.

    Args:
        secret: Of the sign-in, from the browser's cookie; "" without one.
    """
    if not secret:
        return None
    found = session.get(UserSession, hash_secret(secret))
    if found is None or found.user.removed_at is not None:
        return SignInEnd.ENDED
    if now - found.created_at > absolute:
        return SignInEnd.TOO_OLD
    return SignInEnd.IDLE if now - found.active_at > idle else None
