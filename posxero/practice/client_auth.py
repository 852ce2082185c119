"""How an app proves at the token endpoint who it is."""

import base64
import binascii
import secrets

from flask import Request, abort

from posxero.practice import answers
from posxero.practice.state import practice


def authenticated(asking: Request) -> str:
    """Return the client id of who asks, proven by Basic authorization or by client_id and client_secret in the body.

    An app that has a secret must show it every time. One that has none (PKCE) must not, and proves itself by the
    verifier of its code.
    """
    client_id, secret = _basic(asking) or (asking.form.get("client_id", ""), asking.form.get("client_secret", ""))
    proven = secrets.compare_digest(secret.encode(), practice().client_secret.encode())
    if not practice().client_secret and asking.form.get("grant_type") == "authorization_code":
        proven = proven and bool(asking.form.get("code_verifier"))
    if client_id != practice().client_id or not proven:
        abort(answers.as_json({"error": "invalid_client"}, 400))
    return client_id


def _basic(asking: Request) -> tuple[str, str] | None:
    kind, _, encoded = asking.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret
