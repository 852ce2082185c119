"""A shop to begin with: made on the first development start, so that a newcomer can sign in."""

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

NAME = "Practice Shop"
PEOPLE = {
    Role.OWNER: ("Olive Owner", "owner@shop.example"),
    Role.MANAGER: ("Mana Manager", "manager@shop.example"),
    Role.STAFF: ("Sam Staff", "staff@shop.example"),
    Role.BOOKKEEPER: ("Bo Bookkeeper", "bookkeeper@shop.example"),
}


def password(secret_key: str) -> str:
    """Draw the practice password from the secret key: every machine has its own, and it is stored nowhere."""
    drawn = (_draw(secret_key, number) for number in itertools.count())
    return next(word for word in drawn if not any(_problem(word, *person) for person in PEOPLE.values()))


def _draw(secret_key: str, number: int) -> str:
    message = f"practice password {number}" if number else "practice password"
    letters = base64.b32encode(hmac.digest(secret_key.encode(), message.encode(), hashlib.sha256)).decode().lower()
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _problem(word: str, name: str, email: str) -> str:
    return passwords.problem(word, email, name, NAME)


def open_practice_shop(settings: Settings) -> list[str]:
    """Make the practice shop and its people, unless there is a business already.

    Returns:
        The emails with which the practice password signs in now, the owner's first.
    """
    engine = create_engine(settings.database_url)
    prepare(engine)
    word = password(settings.secret_key)
    try:
        with Session(engine) as session:
            if session.scalar(select(func.count()).select_from(Business)) == 0:
                _make(session, word)
            return _who_can_sign_in(session, word)
    finally:
        engine.dispose()


def _make(session: Session, word: str) -> None:
    now = datetime.now(UTC)
    name, email = PEOPLE[Role.OWNER]
    business, _ = businesses.create(session, name=NAME, owner_name=name, owner_email=email, password=word, now=now)
    for role, (name, email) in PEOPLE.items():
        if role is not Role.OWNER:
            users.add(session, business.id, name=name, email=email, role=role, password=word, now=now, by=COMMAND_LINE)


def _who_can_sign_in(session: Session, word: str) -> list[str]:
    emails = [email for _, email in PEOPLE.values()]
    found = {user.email: user for user in session.scalars(select(User).where(User.email.in_(emails)))}
    hashes = {email: user.password_hash for email, user in found.items() if user.removed_at is None}
    return [email for email in emails if email in hashes and passwords.verify(word, hashes[email])[0]]
