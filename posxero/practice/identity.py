"""Xero's login and identity services: the consent page, tokens, revocation, and /connections."""

import base64
import binascii
import secrets
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from flask import Blueprint, Request, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from posxero.practice import answers, gate, moments, store, tokens
from posxero.practice.organisations import ORGANISATIONS, by_tenant
from posxero.practice.state import database, now, practice

SCOPES = {
    "offline_access": "Keep access while you are away",
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your email address",
    "accounting.contacts": "View and manage your contacts",
    "accounting.contacts.read": "View your contacts",
    "accounting.invoices": "View and manage your invoices",
    "accounting.invoices.read": "View your invoices",
    "accounting.payments": "View and manage your payments",
    "accounting.settings": "View and manage your organisation settings",
    "accounting.settings.read": "View your organisation settings",
}
ASKED = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")

bp = Blueprint("identity", __name__)
calls = Blueprint("identity_calls", __name__)  # what programs call: logged, and may meet a fault
calls.before_request(gate.log_start)
calls.before_request(gate.meet_fault)
calls.after_request(gate.finish)


@bp.route("/identity/connect/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """Ask the user which organisations the app may use, and send the browser back with the answer."""
    asked = {key: request.values.get(key, "") for key in ASKED}
    wrong = _wrong(asked)
    if wrong:
        return render_template("problem.html", message=wrong), 400
    if error := _error(asked):
        return _back(asked, error=error)
    if request.method == "GET":
        return render_template("consent.html", asked=asked, scopes=_scopes(asked), organisations=ORGANISATIONS)
    if "cancel" in request.form:
        return _back(asked, error="access_denied")
    chosen = [tenant for tenant in request.form.getlist("tenant") if by_tenant(tenant)]
    if not chosen:
        page = {"asked": asked, "scopes": _scopes(asked), "organisations": ORGANISATIONS}
        return render_template("consent.html", message="Choose an organisation.", **page), 422
    return _back(asked, code=_allow(asked, chosen), scope=asked["scope"], session_state=secrets.token_urlsafe(16))


@calls.post("/connect/token")
def token() -> Response:
    """Exchange a code or a refresh token for tokens."""
    client_id = _client(request)
    form = request.form
    try:
        with store.writing(database()):
            if form.get("grant_type") == "authorization_code":
                issued = tokens.exchange(
                    database(),
                    code=form.get("code", ""),
                    redirect_uri=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier", ""),
                    client_id=client_id,
                    now=now(),
                )
            elif form.get("grant_type") == "refresh_token":
                issued = tokens.refresh(database(), token=form.get("refresh_token", ""), client_id=client_id, now=now())
            else:
                return answers.as_json({"error": "unsupported_grant_type"}, 400)
    except tokens.InvalidGrant:
        return answers.as_json({"error": "invalid_grant"}, 400)
    return _unstored(answers.as_json(issued))


@calls.post("/connect/revocation")
def revocation() -> Response:
    """End a refresh token and its user's connections; an unknown token is answered alike."""
    _client(request)
    with store.writing(database()):
        tokens.revoke(database(), request.form.get("token", ""))
    return Response(status=200)


@calls.get("/connections")
@calls.get("/Connections")
def connections() -> Response:
    """List the organisations that the user has connected, or those of one consent."""
    gate.authenticate()
    event = request.args.get("authEventId")
    rows = database().execute("SELECT * FROM connection ORDER BY created, rowid").fetchall()
    listed = [
        {
            "id": row["id"],
            "authEventId": row["event_id"],
            "tenantId": row["tenant_id"],
            "tenantType": "ORGANISATION",
            "tenantName": getattr(by_tenant(row["tenant_id"]), "name", ""),
            "createdDateUtc": moments.seven_digits(row["created"]),
            "updatedDateUtc": moments.seven_digits(row["updated"]),
        }
        for row in rows
        if event is None or row["event_id"] == event.lower()
    ]
    return answers.as_json(listed)


@calls.delete("/connections/<connection_id>")
@calls.delete("/Connections/<connection_id>")
def disconnect(connection_id: str) -> Response:
    """End the connection of one organisation; the tokens go on for the others."""
    gate.authenticate()
    gone = database().execute("DELETE FROM connection WHERE id = ?", (connection_id.lower(),)).rowcount
    return Response(status=204) if gone else answers.not_found()


def _wrong(asked: dict[str, str]) -> str:
    """Say why the browser cannot be sent back at all."""
    if asked["client_id"] != practice().client_id:
        return "Xero does not know this app: its client id is wrong (unauthorized_client)."
    address = urlsplit(asked["redirect_uri"])
    if address.scheme not in {"http", "https"} or not address.hostname:
        return "The app's redirect address is wrong (invalid_request)."
    return ""


def _error(asked: dict[str, str]) -> str:
    if asked["response_type"] != "code":
        return "unsupported_response_type"
    if asked["code_challenge"] and asked["code_challenge_method"] != "S256":
        return "invalid_request"
    wanted = asked["scope"].split()
    return "" if wanted and all(scope in SCOPES for scope in wanted) else "invalid_scope"


def _scopes(asked: dict[str, str]) -> list[str]:
    return [SCOPES[scope] for scope in asked["scope"].split()]


def _allow(asked: dict[str, str], chosen: list[str]) -> str:
    event_id = str(uuid4())
    with store.writing(database()):
        tokens.connect(database(), chosen, event_id, now())
        return tokens.issue_code(
            database(),
            event_id=event_id,
            scope=asked["scope"],
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
            now=now(),
        )


def _back(asked: dict[str, str], **answer: str) -> ResponseReturnValue:
    if asked["state"]:
        answer["state"] = asked["state"]
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return redirect(f"{asked['redirect_uri']}{joint}{urlencode(answer)}", 303)


def _client(asking: Request) -> str:
    """Check who asks: by Basic authorization, or client_id and client_secret in the body, or PKCE without a secret."""
    client_id, secret = _basic(asking) or (asking.form.get("client_id", ""), asking.form.get("client_secret"))
    proven = secret is not None and secrets.compare_digest(secret.encode(), practice().client_secret.encode())
    public = secret is None and (
        asking.form.get("grant_type") != "authorization_code" or "code_verifier" in asking.form
    )
    if client_id != practice().client_id or not (proven or public):
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


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
