"""CSRF tokens that compression cannot reveal.

Flask-WTF writes the same secret into every page. Where a page is compressed and repeats what its address says, its
length tells an onlooker who can lead the browser there whether a guess at the secret is right (breachattack.com).
So each answer carries the token under a mask of its own, as Django does.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

PREFIX = "~"  # of a masked token; no token that is signed by itsdangerous begins so


class MaskedCSRFProtect(CSRFProtect):
    """Flask-WTF's protection, with the token masked in pages and unmasked in forms and headers."""

    def init_app(self, app: Flask) -> None:
        """Protect an app; templates write `csrf_token()` as ever."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})  # after Flask-WTF's own, which it replaces

    def _get_csrf_token(self) -> str | None:
        return unmask(super()._get_csrf_token())


def masked_token() -> str:
    """Return the token of this browser under a mask that is new in every answer."""
    if "masked_csrf_token" not in g:
        g.masked_csrf_token = mask(generate_csrf())
    return str(g.masked_csrf_token)


def mask(token: str) -> str:
    """Return the token XOR random bytes, after those bytes."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return PREFIX + urlsafe_b64encode(pad + _xor(plain, pad)).decode()


def unmask(sent: str | None) -> str | None:
    """Return the token that was masked; what is not masked as it is, for a form that was open over an upgrade."""
    if not sent or not sent.startswith(PREFIX):
        return sent
    try:
        both = urlsafe_b64decode(sent.removeprefix(PREFIX))
        return _xor(both[: len(both) // 2], both[len(both) // 2 :]).decode("ascii")
    except ValueError:
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
