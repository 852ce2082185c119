"""Xero's login and identity services: the consent page, tokens, revocation, and /connections."""

import secrets
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from posxero.practice import answers, client_auth, discovery, middleware, store, tokens, xero_dates
from posxero.practice.organisations import ORGANISATIONS, by_tenant
from posxero.practice.scopes import SCOPES
from posxero.practice.state import database, now, practice

ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
LOCALHOST = "localhost"
UNKNOWN_CLIENT = "unauthorized_client : Unknown client or client not enabled"  # as Xero's page shows them
INVALID_REDIRECT = "unauthorized_client : Invalid redirect_uri"

bp = Blueprint("identity", __name__)
calls = Blueprint("identity_calls", __name__)  # what programs call: logged, and may meet a fault
calls.before_request(middleware.log_start)
calls.before_request(middleware.meet_fault)
calls.after_request(middleware.finish)


@bp.route("/identity/connect/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """Ask the user which organisations the app may use, and send the browser back with the answer."""
    asked = {key: request.values.get(key, "") for key in ASKED}
    wrong = _wrong(asked)
    if wrong:
        error, message = wrong
        return render_template("problem.html", error=error, message=message), 400
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
    party = tokens.Party(discovery.issuer(), client_auth.authenticated(request))
    form = request.form
    try:
        with store.writing(database()):
            if form.get("grant_type") == "authorization_code":
                issued = tokens.exchange(
                    database(),
                    party,
                    code=form.get("code", ""),
                    redirect_uri=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier", ""),
                    now=now(),
                )
            elif form.get("grant_type") == "refresh_token":
                issued = tokens.refresh(database(), party, token=form.get("refresh_token", ""), now=now())
            else:
                return answers.as_json({"error": "unsupported_grant_type"}, 400)
    except tokens.InvalidGrant:
        return answers.as_json({"error": "invalid_grant"}, 400)
    return _unstored(answers.as_json(issued))


@calls.post("/connect/revocation")
def revocation() -> Response:
    """End a refresh token and its user's connections; an unknown token is answered alike."""
    client_auth.authenticated(request)
    with store.writing(database()):
        tokens.revoke(database(), request.form.get("token", ""))
    return Response(status=200)


@calls.get("/connections")
@calls.get("/Connections")
def connections() -> Response:
    """List the organisations that the user has connected, or those of one consent."""
    middleware.authenticate()
    event = request.args.get("authEventId")
    rows = database().execute("SELECT * FROM connection ORDER BY created, rowid").fetchall()
    listed = [
        {
            "id": row["id"],
            "authEventId": row["event_id"],
            "tenantId": row["tenant_id"],
            "tenantType": "ORGANISATION",
            "tenantName": getattr(by_tenant(row["tenant_id"]), "name", ""),
            "createdDateUtc": xero_dates.seven_digits(row["created"]),
            "updatedDateUtc": xero_dates.seven_digits(row["updated"]),
        }
        for row in rows
        if event is None or row["event_id"] == event.lower()
    ]
    return answers.as_json(listed)


@calls.delete("/connections/<connection_id>")
@calls.delete("/Connections/<connection_id>")
def disconnect(connection_id: str) -> Response:
    """End the connection of one organisation; the tokens go on for the others."""
    middleware.authenticate()
    gone = database().execute("DELETE FROM connection WHERE id = ?", (connection_id.lower(),)).rowcount
    return Response(status=204) if gone else answers.not_found()


def _wrong(asked: dict[str, str]) -> tuple[str, str] | None:
    """Say why the browser cannot be sent back at all: in Xero's words, and in plain ones."""
    if asked["client_id"] != practice().client_id:
        return UNKNOWN_CLIENT, "Xero does not know an app with this client id. Compare it with the app's settings."
    address = urlsplit(asked["redirect_uri"])
    if address.hostname and (address.scheme == "https" or (address.scheme == "http" and address.hostname == LOCALHOST)):
        return None
    return INVALID_REDIRECT, (
        f"The app asked to be answered at {asked['redirect_uri'] or 'no address'}. Xero answers at https addresses, "
        "and at http addresses of localhost only: neither 127.0.0.1 nor another name will do."
    )


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
            nonce=asked["nonce"],
            now=now(),
        )


def _back(asked: dict[str, str], **answer: str) -> ResponseReturnValue:
    if asked["state"]:
        answer["state"] = asked["state"]
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return redirect(f"{asked['redirect_uri']}{joint}{urlencode(answer)}", 303)


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
