"""The people of a business."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.business import User
from posxero.domain.folding import email_key
from posxero.domain.words import Role
from posxero.services import passwords

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
LENGTH_MAX = 255  # characters, of a name and of an email


class InvalidUser(ValueError):
    """A user cannot be saved; `errors` maps the form's fields to sentences."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def add(session: Session, business_id: UUID, *, name: str, email: str, role: str, password: str, now: datetime) -> User:
    """Add a user to a business.

    Raises:
        InvalidUser: A field is wrong, or the email is another user's.
    """
    errors = check(name=name, email=email, role=role) | check_password(password, email)
    if errors:
        raise InvalidUser(errors)
    user = User(
        business_id=business_id,
        name=" ".join(name.split()),
        email=email_key(email),
        role=Role(role),
        password_hash=passwords.hash_password(password),
        created_at=now,
    )
    session.add(user)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        raise InvalidUser({"email": "Someone already signs in with this email"}) from None
    return user


def check(*, name: str, email: str, role: str) -> dict[str, str]:
    """Check what a user's form holds; returns sentences by field."""
    errors = {}
    if not name.strip():
        errors["name"] = "Enter a name"
    elif len(name) > LENGTH_MAX:
        errors["name"] = f"Name must be {LENGTH_MAX} characters or fewer"
    if not EMAIL.fullmatch(email.strip()) or len(email) > LENGTH_MAX:
        errors["email"] = "Enter an email address like name@example.com"
    if role not in set(Role):
        errors["role"] = "Choose a role"
    return errors


def check_password(password: str, email: str) -> dict[str, str]:
    """Check a new password; returns the sentence by field."""
    problem = passwords.problem(password, email)
    return {"password": problem} if problem else {}


def by_name(session: Session, business_id: UUID) -> list[User]:
    """List the users who may sign in, in the order of their names."""
    return list(
        session.scalars(
            select(User).where(User.business_id == business_id, User.removed_at.is_(None)).order_by(User.name, User.id)
        )
    )
