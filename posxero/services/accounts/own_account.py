"""A person's own password, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from posxero.db.business import User, UserSession
from posxero.db.engine import rows_changed, writing
from posxero.domain.devices import describe_device
from posxero.domain.folding import email_key
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import passwords, security_log, sessions, sign_in_failures, user_rules
from posxero.services.accounts.security_log import COMMAND_LINE, Actor, Facts
from posxero.services.accounts.throttle.sign_in import Attempt, SignInThrottle, TooManyTries
from posxero.services.errors import NotFound


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of a person's sign-ins."""

    id: UUID
    device: str
    since: datetime
    active_at: datetime
    is_this: bool


def change_password(
    session: Session,
    throttle: SignInThrottle,
    user: User,
    *,
    current: str,
    new: str,
    session_hash: str,
    by: Actor,
    now: datetime,
) -> None:
    """Change a person's own password, and end their other sign-ins. Commits.

    Args:
        session_hash: Of the sign-in that continues.

    Raises:
        InvalidUser: The current password is wrong, or the new one is refused; nothing is changed.
        TooManyTries: The current password was wrong too often; it was not looked at.
    """
    problem = _problem(user, new)
    if not current:
        raise user_rules.InvalidUser({"current_password": "Enter your current password"} | problem)
    session.commit()
    _prove(session, throttle, user, current, by=by, now=now)
    if not problem and current == new:
        problem = {"new_password": "Your new password is the same as the current one"}
    if problem:
        raise user_rules.InvalidUser(problem)
    _store(session, user, new, keep=session_hash, kind=SecurityEventKind.PASSWORD_CHANGED, by=by, now=now)


def reset_password(session: Session, email: str, new: str, *, now: datetime) -> User:
    """Set a new password for the user with an email, and end all their sign-ins. Commits.

    Raises:
        NotFound: Nobody signs in with this email.
        InvalidUser: The password is refused.
    """
    user = session.scalar(select(User).where(User.email == email_key(email), User.removed_at.is_(None)))
    if user is None:
        raise NotFound
    problem = _problem(user, new)
    if problem:
        raise user_rules.InvalidUser(problem)
    _store(session, user, new, keep="", kind=SecurityEventKind.PASSWORD_RESET, by=COMMAND_LINE, now=now)
    return user


def list_sign_ins(
    session: Session, user: User, session_hash: str, *, now: datetime, idle: timedelta, absolute: timedelta
) -> list[SignIn]:
    """List where a person is signed in, this sign-in first, then the most recently active."""
    rows = session.scalars(
        select(UserSession).where(
            UserSession.business_id == user.business_id,
            UserSession.user_id == user.id,
            UserSession.active_at >= now - idle,
            UserSession.created_at >= now - absolute,
        )
    )
    found = [
        SignIn(row.id, describe_device(row.user_agent), row.created_at, row.active_at, row.secret_hash == session_hash)
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.active_at.timestamp()))


def end_others(session: Session, user: User, session_hash: str, *, by: Actor, now: datetime) -> int:
    """End every sign-in of a person but this one; returns how many. Commits."""
    with writing(session):
        ended = sessions.end_all(session, user, but=session_hash)
        if ended:
            kind = SecurityEventKind.SESSIONS_ENDED
            security_log.record(session, user.business_id, kind, by=by, now=now, detail="Everywhere else")
    return ended


def end_one(session: Session, user: User, sign_in_id: UUID, *, by: Actor, now: datetime) -> None:
    """End one sign-in of a person. Commits.

    Raises:
        NotFound: The person has no such sign-in.
    """
    with writing(session):
        theirs = (UserSession.business_id == user.business_id, UserSession.user_id == user.id)
        row = session.scalar(select(UserSession).where(*theirs, UserSession.id == sign_in_id))
        if row is None:
            raise NotFound
        session.execute(delete(UserSession).where(UserSession.secret_hash == row.secret_hash))
        kind, detail = SecurityEventKind.SESSIONS_ENDED, describe_device(row.user_agent)
        security_log.record(session, user.business_id, kind, by=by, now=now, detail=detail)


def _problem(user: User, new: str) -> dict[str, str]:
    found = passwords.problem(new, user.email, user.name, user.business.name)
    return {"new_password": found} if found else {}


def _prove(session: Session, throttle: SignInThrottle, user: User, current: str, *, by: Actor, now: datetime) -> None:
    """Verify the current password; no transaction is open meanwhile."""
    try:
        admission = throttle.admit_again(Attempt(user.email, user.password_hash), now)
    except TooManyTries as refused:
        sign_in_failures.record_refusal(session, user, refused, by=by, now=now)
        raise
    if not passwords.verify(current, user.password_hash)[0]:
        sign_in_failures.record_wrong_password(session, user, admission, by=by, now=now)
        raise user_rules.InvalidUser({"current_password": "Wrong current password"})
    throttle.succeed(admission)


def _store(
    session: Session, user: User, new: str, *, keep: str, kind: SecurityEventKind, by: Actor, now: datetime
) -> None:
    """Store a new password, unless the password was changed or the user removed since it was read."""
    password_hash = passwords.hash_password(new)
    with writing(session):
        unchanged = (User.password_hash == user.password_hash, User.removed_at.is_(None))
        stored = session.execute(
            update(User)
            .where(User.business_id == user.business_id, User.id == user.id, *unchanged)
            .values(password_hash=password_hash)
            .execution_options(synchronize_session=False)
        )
        if not rows_changed(stored):
            raise NotFound
        ended = sessions.end_all(session, user, but=keep)
        facts: Facts = {"user": str(user.id), "sign_ins_ended": ended}
        security_log.record(session, user.business_id, kind, by=by, now=now, subject=user.name, facts=facts)
