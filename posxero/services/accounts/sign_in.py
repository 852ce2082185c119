"""Signing in and out. A sign-in is a row that can be ended; the browser holds its secret, the row a hash."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from posxero.db.business import User, UserSession
from posxero.db.engine import rows_changed, writing
from posxero.domain.devices import USER_AGENT_MAX, describe_device
from posxero.domain.folding import email_key
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import passwords, security_log, sessions, sign_in_failures
from posxero.services.accounts.security_log import Actor
from posxero.services.accounts.throttle.sign_in import Admission, Attempt, SignInThrottle, TooManyTries

# Longer than any sign-in lasts: a form that comes after its sign-in ended is told from a stranger's by the row.
SESSION_ROW_LIFETIME = timedelta(days=2)
log = structlog.get_logger(__name__)


class WrongCredentials(Exception):
    """The email is unknown, the password is wrong, or the user was removed: one message for all."""


@dataclass(frozen=True, slots=True)
class Client:
    """The browser that wants to sign in. `devices` holds, by user, the id of a device that signed in before."""

    address: str = ""
    user_agent: str = ""
    devices: Mapping[UUID, str] = field(default_factory=dict)


def begin(
    session: Session, throttle: SignInThrottle, *, email: str, password: str, client: Client, now: datetime
) -> tuple[str, User]:
    """Begin a sign-in. No transaction is open while the password is verified.

    Returns:
        The secret for the browser's cookie, and the user.

    Raises:
        TooManyTries: There were too many wrong passwords; this one was not looked at.
        WrongCredentials: Nobody has this email and this password.
    """
    user = session.scalar(select(User).where(User.email == email_key(email), User.removed_at.is_(None)))
    session.commit()
    admission = _admit(session, throttle, user, email_key(email), client, now)
    right, rehashed = passwords.verify(password, user.password_hash if user else None)
    by = Actor(address=client.address)
    if user is None:
        account = throttle.name_account(email_key(email))
        security_log.write_line(SecurityEventKind.SIGN_IN_FAILED, {"account": account, "address": client.address})
        raise WrongCredentials
    if not right:
        sign_in_failures.record_wrong_password(session, user, admission, by=by, now=now)
        raise WrongCredentials
    secret = secrets.token_urlsafe(32)
    with writing(session):
        _claim(session, user, password_hash=rehashed or user.password_hash, now=now)
        _forget_old(session, user, now)
        session.add(_session_row(user, secret, client, now))
        by, device = replace(by, name=user.name, user_id=user.id), describe_device(client.user_agent)
        security_log.record(session, user.business_id, SecurityEventKind.SIGNED_IN, by=by, now=now, detail=device)
    throttle.succeed(admission)
    return secret, user


def _admit(
    session: Session, throttle: SignInThrottle, user: User | None, email: str, client: Client, now: datetime
) -> Admission:
    attempt = Attempt(email, address=client.address)
    if user is not None:
        device = client.devices.get(user.id, "")
        attempt = replace(attempt, password_hash=user.password_hash, device=device)
    try:
        return throttle.admit(attempt, now)
    except TooManyTries as refused:
        if user is None:
            account, kind = throttle.name_account(email), SecurityEventKind.THROTTLED
            security_log.write_line(kind, {"account": account, "address": client.address})
        else:
            by = Actor(address=client.address)
            sign_in_failures.record_refusal(session, user, refused, by=by, now=now)
        raise


def _session_row(user: User, secret: str, client: Client, now: datetime) -> UserSession:
    return UserSession(
        secret_hash=sessions.hash_secret(secret),
        business_id=user.business_id,
        user_id=user.id,
        user_agent=client.user_agent[:USER_AGENT_MAX],
        created_at=now,
        active_at=now,
    )


def _claim(session: Session, user: User, *, password_hash: str, now: datetime) -> None:
    """Mark a user seen, and store the hash of the password that was verified.

    Raises:
        WrongCredentials: The password was changed or the user removed while the password was being verified.
    """
    unchanged = (User.password_hash == user.password_hash, User.removed_at.is_(None))
    seen = session.execute(
        update(User)
        .where(User.business_id == user.business_id, User.id == user.id, *unchanged)
        .values(last_seen_at=now, password_hash=password_hash)
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(seen):
        raise WrongCredentials


def _forget_old(session: Session, user: User, now: datetime) -> None:
    session.execute(
        delete(UserSession).where(
            UserSession.business_id == user.business_id,
            UserSession.user_id == user.id,
            UserSession.created_at < now - SESSION_ROW_LIFETIME,
        )
    )
