"""The people of a business."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.business import Business, User
from posxero.db.engine import writing
from posxero.domain.enums import Role
from posxero.domain.folding import email_key
from posxero.domain.security_events import SecurityEventKind
from posxero.services.accounts import passwords, security_log, sessions, user_rules
from posxero.services.accounts.security_log import NOBODY, Actor
from posxero.services.errors import NotFound


def add(
    session: Session,
    business_id: UUID,
    *,
    name: str,
    email: str,
    role: str,
    password: str,
    now: datetime,
    by: Actor = NOBODY,
) -> User:
    """Add a user to a business.

    Raises:
        InvalidUser: A field is wrong, or the email is another user's.
    """
    business = session.get_one(Business, business_id)
    user = build(business, name=name, email=email, role=role, password=password, now=now)
    try:
        with writing(session):
            session.add(user)
            _record(session, user, SecurityEventKind.USER_ADDED, by=by, now=now, detail=user.role.label)
    except IntegrityError:
        raise user_rules.email_taken() from None
    return user


def build(business: Business, *, name: str, email: str, role: str, password: str, now: datetime) -> User:
    """Build a user who is not added to a session yet. Call it outside a transaction: hashing takes its time.

    Raises:
        InvalidUser: A field is wrong.
    """
    errors = user_rules.check(name=name, email=email, role=role) | user_rules.check_password(
        password, email, name, business.name
    )
    if errors:
        raise user_rules.InvalidUser(errors)
    return User(
        business_id=business.id,
        id=new_id(),
        name=" ".join(name.split()),
        email=email_key(email),
        role=Role(role),
        password_hash=passwords.hash_password(password),
        created_at=now,
    )


def by_name(session: Session, business_id: UUID) -> list[User]:
    """List the users who may sign in, in the order of their names."""
    return list(
        session.scalars(
            select(User).where(User.business_id == business_id, User.removed_at.is_(None)).order_by(User.name, User.id)
        )
    )


def get(session: Session, business_id: UUID, user_id: UUID) -> User:
    """Load a user who was not removed.

    Raises:
        NotFound: There is none, or it is another business's.
    """
    user = session.get(User, (business_id, user_id))
    if user is None or user.removed_at is not None:
        raise NotFound
    return user


def change(
    session: Session, user: User, *, name: str, role: str, password: str, now: datetime, by: Actor = NOBODY
) -> None:
    """Change a user. A new password, or a new role, ends their sign-ins; an empty password keeps the old one.

    Raises:
        InvalidUser: A field is wrong, or the last owner would lose the role; nothing is changed.
        NotFound: The user was removed meanwhile.
    """
    errors = user_rules.check(name=name, email=user.email, role=role)
    errors |= user_rules.check_password(password, user.email, name, user.business.name) if password else {}
    hashed = passwords.hash_password(password) if password and not errors else ""  # before the write lock is taken
    with writing(session):
        session.refresh(user, with_for_update=True)
        if user.removed_at is not None:
            raise NotFound
        if "role" not in errors and user.role is Role.OWNER and role != Role.OWNER and _is_last_owner(session, user):
            errors["role"] = f"{user.name} is the only owner. Make someone else an owner first"
        if errors:
            raise user_rules.InvalidUser(errors)
        if hashed:
            user.password_hash = hashed
        if password or role != user.role:
            sessions.end_all(session, user)
        name = " ".join(name.split())
        changes = _changes(user, name=name, role=Role(role), password=password)
        user.name, user.role = name, Role(role)
        if changes:
            _record(session, user, SecurityEventKind.USER_CHANGED, by=by, now=now, detail=", ".join(changes))


def remove(session: Session, user: User, *, now: datetime, by: Actor = NOBODY) -> None:
    """Remove a user: signed out at once, and the email is free again. Their history stays.

    Raises:
        InvalidUser: The last owner cannot be removed.
    """
    with writing(session):
        session.refresh(user, with_for_update=True)
        if user.role is Role.OWNER and _is_last_owner(session, user):
            raise user_rules.InvalidUser({"": f"{user.name} is the only owner. Make someone else an owner first"})
        sessions.end_all(session, user)
        user.removed_at = now
        user.email = f"{user.email}#{user.id}"[-user_rules.LENGTH_MAX :]
        _record(session, user, SecurityEventKind.USER_REMOVED, by=by, now=now)


def _record(
    session: Session, user: User, kind: SecurityEventKind, *, by: Actor, now: datetime, detail: str = ""
) -> None:
    facts, name = {"user": str(user.id)}, user.name
    security_log.record(session, user.business_id, kind, by=by, now=now, subject=name, detail=detail, facts=facts)


def _changes(user: User, *, name: str, role: Role, password: str) -> list[str]:
    """Return in words what differs from the user."""
    words = []
    if name != user.name:
        words.append(f"name was {user.name}")
    if role is not user.role:
        words.append(f"role {user.role.label} → {role.label}")
    if password:
        words.append("new password")
    return words


def _is_last_owner(session: Session, user: User) -> bool:
    owners = select(User.id).where(
        User.business_id == user.business_id, User.role == Role.OWNER, User.removed_at.is_(None)
    )
    return session.scalars(owners.with_for_update()).all() == [user.id]
