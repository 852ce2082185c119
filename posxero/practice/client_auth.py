"""Authenticate an app at the token endpoint."""

import secrets

from flask import Request, abort

from posxero.practice import answers
from posxero.practice.state import practice


def authenticate_client(request: Request) -> str:
    """Return the client id, proven by Basic authorization or by client_id and client_secret in the body.

    An app that has a secret must show it every time. One that has none (PKCE) must not, and proves itself by the
    verifier of its code.
    """
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        client_id, secret = basic.username or "", basic.password or ""
    else:
        client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    proven = secrets.compare_digest(secret.encode(), practice().client_secret.encode())
    if not practice().client_secret and request.form.get("grant_type") == "authorization_code":
        proven = proven and bool(request.form.get("code_verifier"))
    if client_id != practice().client_id or not proven:
        abort(answers.json_answer({"error": "invalid_client"}, 400))
    return client_id
