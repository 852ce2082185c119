"""What the tests with a browser do at once that a person does by hand: signing in, connecting."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from posxero.db.business import UserSession
from posxero.domain.words import Role
from posxero.services.sign_in import hashed
from tests import importing

if TYPE_CHECKING:
    from flask import Flask
    from flask.sessions import SecureCookieSessionInterface
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from posxero.db.connection import Connection
    from posxero.ports import Ports
    from tests.practice_server import PracticeServer


@dataclass
class Shop:
    """A shop, its browser window, its people and its Xero."""

    page: Page
    app: Flask
    session: Session
    business: Business
    people: dict[Role, User]
    xero: PracticeServer

    def sign_in(self, role: Role = Role.OWNER, page: Page | None = None) -> Page:
        """Sign a person in without the form, and give the window."""
        window = page or self.page
        user, secret, now = self.people[role], secrets.token_urlsafe(32), datetime.now(UTC)
        row = {"business_id": user.business_id, "user_id": user.id, "created_at": now, "active_at": now}
        self.session.add(UserSession(secret_hash=hashed(secret), **row))
        self.session.commit()
        serializer = cast("SecureCookieSessionInterface", self.app.session_interface).get_signing_serializer(self.app)
        assert serializer is not None
        value = str(serializer.dumps({"_user_id": secret, "_fresh": True}))
        url = self.ports.settings.public_url
        window.context.add_cookies([{"name": "posxero", "value": value, "url": url}])
        return window

    def connect(self) -> Connection:
        """Connect the shop to the first practice organisation, without its pages."""
        return importing.connect(self.session, self.business, self.xero, self.ports.vault)

    @property
    def ports(self) -> Ports:
        """The ports of the app."""
        return cast("Ports", self.app.extensions["posxero"])
