"""What the form of a user may hold."""

import re

from posxero.domain.enums import Role
from posxero.services.accounts import passwords
from posxero.services.errors import Invalid

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


LENGTH_MAX = 255  # characters, of a name and of an email


class InvalidUser(Invalid):
    """A user cannot be saved."""


def email_taken() -> InvalidUser:
    """Return the refusal of an email that is another user's."""
    return InvalidUser({"email": "Someone already signs in with this email"})


def check_name_and_role(*, name: str, role: str) -> dict[str, str]:
    """Check what an invitation's form holds; returns sentences by field."""
    errors = {}
    if not name.strip():
        errors["name"] = "Enter a name"
    elif len(name) > LENGTH_MAX:
        errors["name"] = f"Name must be {LENGTH_MAX} characters or fewer"
    if role not in set(Role):
        errors["role"] = "Choose a role"
    return errors


def check(*, name: str, email: str, role: str) -> dict[str, str]:
    """Check what a user's form holds; returns sentences by field."""
    errors = check_name_and_role(name=name, role=role)
    if not EMAIL.fullmatch(email.strip()) or len(email) > LENGTH_MAX:
        errors["email"] = "Enter an email address like name@example.com"
    return errors


def check_password(password: str, email: str, name: str = "", business: str = "") -> dict[str, str]:
    """Check a new password of a person; returns the sentence by field."""
    problem = passwords.problem(password, email, name, business)
    return {"password": problem} if problem else {}
