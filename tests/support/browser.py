"""A browser without a screen: Flask's test client at the shop's address, which knows forms and htmx."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from flask.sessions import SessionMixin
    from werkzeug.test import TestResponse

PUBLIC_URL = "http://localhost:8000"  # Xero answers over http at localhost only


class Browser(FlaskClient):
    """Opens addresses of the shop; `submit` sends a form with its CSRF token, `part` asks as htmx does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Open an address of the shop."""
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", PUBLIC_URL)
        return super().open(*args, **kwargs)

    def cookie(self) -> AbstractContextManager[SessionMixin]:
        """Change what the session cookie holds."""
        return self.session_transaction(base_url=PUBLIC_URL)

    def token(self) -> str:
        """Return the CSRF token that a page would hold, as Flask-WTF signs it."""
        with self.cookie() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        key = self.application.secret_key
        assert key is not None
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw))

    def submit(self, path: str, fields: Mapping[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form as a plain browser does."""
        return self.post(path, data={"csrf_token": self.token(), **(fields or {})}, **kwargs)

    def part(self, path: str, target: str, fields: Mapping[str, Any] | None = None) -> TestResponse:
        """Ask for the part of a page that fills the element `target` (htmx names it tag#id); POST when `fields`."""
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": target}
        if fields is None:
            return self.get(path, headers=headers)
        return self.submit(path, fields, headers=headers)


@dataclass
class Form(HTMLParser):
    """The form of a page: where it is sent, and the values of its inputs."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or an input."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input":
            self.fields[attributes["name"]] = attributes.get("value", "")


def form_of(page: str) -> Form:
    """Read the only form of a page."""
    form = Form()
    form.feed(page)
    return form
