"""A demo shop: created at the first start in development, so that a newcomer can sign in."""

import base64
import hashlib
import hmac
import itertools
from datetime import UTC, datetime

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from posxero.db.business import Business, User
from posxero.db.engine import prepare
from posxero.domain.enums import Role
from posxero.services.accounts import businesses, passwords, users
from posxero.services.accounts.security_log import COMMAND_LINE
from posxero.settings import Settings

SHOP_NAME = "Practice Shop"
USERS = {
    Role.OWNER: ("Olive Owner", "owner@shop.example"),
    Role.MANAGER: ("Mana Manager", "manager@shop.example"),
    Role.STAFF: ("Sam Staff", "staff@shop.example"),
    Role.BOOKKEEPER: ("Bo Bookkeeper", "bookkeeper@shop.example"),
}


def demo_password(secret_key: str) -> str:
    """Derive the demo password from the secret key: every machine has its own, and none stores it."""
    derived = (_derive_password(secret_key, attempt) for attempt in itertools.count())
    return next(password for password in derived if not any(_problem(password, *user) for user in USERS.values()))


def _derive_password(secret_key: str, attempt: int) -> str:
    message = f"practice password {attempt}" if attempt else "practice password"
    letters = base64.b32encode(hmac.digest(secret_key.encode(), message.encode(), hashlib.sha256)).decode().lower()
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _problem(password: str, name: str, email: str) -> str:
    return passwords.problem(password, email, name, SHOP_NAME)


def create_demo_shop(settings: Settings) -> list[str]:
    """Create the demo shop and its users, unless there is a business already.

    Returns:
        The emails that sign in with the demo password now, the owner's first.
    """
    engine = create_engine(settings.database_url)
    prepare(engine)
    password = demo_password(settings.secret_key)
    try:
        with Session(engine) as session:
            if session.scalar(select(func.count()).select_from(Business)) == 0:
                _create(session, password)
            return _emails_with_password(session, password)
    finally:
        engine.dispose()


def _create(session: Session, password: str) -> None:
    now = datetime.now(UTC)
    name, email = USERS[Role.OWNER]
    business, _ = businesses.create(
        session, name=SHOP_NAME, owner_name=name, owner_email=email, password=password, now=now
    )
    for role, (name, email) in USERS.items():
        if role is not Role.OWNER:
            by = COMMAND_LINE
            users.add(session, business.id, name=name, email=email, role=role, password=password, now=now, by=by)


def _emails_with_password(session: Session, password: str) -> list[str]:
    emails = [email for _, email in USERS.values()]
    found = {user.email: user for user in session.scalars(select(User).where(User.email.in_(emails)))}
    hashes = {email: user.password_hash for email, user in found.items() if user.removed_at is None}
    return [email for email in emails if email in hashes and passwords.verify(password, hashes[email])[0]]
