"""The people of the tests: one shop with a person of each role, and the owner of another shop."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from posxero.db.base import new_id
from posxero.db.business import Business, User, UserSession
from posxero.services.accounts import passwords, sessions
from tests.support.factories import store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.domain.enums import Role
    from tests.support.browser import Browser

PASSWORD = "three unrelated words"


@cache
def _hash() -> str:
    """Hash the password of everybody, once: argon2 is slow on purpose."""
    return passwords.hash_password(PASSWORD)


def open_shop(session: Session, name: str) -> Business:
    """Add a business in New Zealand."""
    business = Business(
        id=new_id(), name=name, country="NZ", timezone="Pacific/Auckland", currency="NZD", created_at=datetime.now(UTC)
    )
    store(session, business)
    return business


def hire(session: Session, business: Business, role: Role, name: str) -> User:
    """Add a person, whose email is name@shop.example and whose password is `PASSWORD`."""
    user = User(
        business_id=business.id,
        name=name,
        email=f"{name.lower()}@shop.example",
        role=role,
        password_hash=_hash(),
        created_at=datetime.now(UTC),
    )
    store(session, user)
    return user


def begin(session: Session, user: User) -> str:
    """Sign a person in without the form, whose password check takes 50 ms; return the secret of the sign-in."""
    secret = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    row = UserSession(
        secret_hash=sessions.hash_secret(secret),
        business_id=user.business_id,
        user_id=user.id,
        created_at=now,
        active_at=now,
    )
    store(session, row)
    return secret


def sign_in(session: Session, browser: Browser, user: User) -> Browser:
    """Put a sign-in into a browser."""
    secret = begin(session, user)
    with browser.cookie() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return browser


def cookie_of(session: Session, user: User, secret_key: str) -> str:
    """Sign a person in, and return the cookie as Flask signs it."""
    app = Flask("cookie")
    app.secret_key = secret_key
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps({"_user_id": begin(session, user), "_fresh": True}))
