"""Xero's login and identity services: the consent page, tokens, revocation, and /connections."""

import secrets
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from posxero.practice import answers, client_auth, discovery, middleware, store, tokens, xero_dates
from posxero.practice.organisation_settings import find, list_organisations
from posxero.practice.organisations import by_tenant
from posxero.practice.scopes import SCOPES
from posxero.practice.state import database, now, practice

AUTHORIZE_PARAMETERS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
HTTP_REDIRECT_HOST = "localhost"
UNKNOWN_CLIENT = "unauthorized_client : Unknown client or client not enabled"  # as Xero's page shows them
INVALID_REDIRECT = "unauthorized_client : Invalid redirect_uri"

bp = Blueprint("identity", __name__)
token_bp = Blueprint("identity_calls", __name__)  # what programs call: logged, and may meet a fault
token_bp.before_request(middleware.record_start)
token_bp.before_request(middleware.apply_fault)
token_bp.after_request(middleware.finish_call)


@bp.route("/identity/connect/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """Ask the user which organisations the app may use, and send the browser back with the answer."""
    parameters = {key: request.values.get(key, "") for key in AUTHORIZE_PARAMETERS}
    page_error = _page_error(parameters)
    if page_error:
        error, message = page_error
        return render_template("problem.html", error=error, message=message), 400
    if error := _redirect_error(parameters):
        return _redirect_back(parameters, error=error)
    if request.method == "GET":
        return render_template(
            "consent.html",
            parameters=parameters,
            scopes=_scope_texts(parameters),
            organisations=list_organisations(database()),
        )
    if "cancel" in request.form:
        return _redirect_back(parameters, error="access_denied")
    chosen = [tenant for tenant in request.form.getlist("tenant") if by_tenant(tenant)]
    if not chosen:
        page = {
            "parameters": parameters,
            "scopes": _scope_texts(parameters),
            "organisations": list_organisations(database()),
        }
        return render_template("consent.html", message="Choose an organisation.", **page), 422
    return _redirect_back(
        parameters,
        code=_grant_consent(parameters, chosen),
        scope=parameters["scope"],
        session_state=secrets.token_urlsafe(16),
    )


@token_bp.post("/connect/token")
def token() -> Response:
    """Exchange a code or a refresh token for tokens."""
    parties = tokens.TokenParties(discovery.issuer(), client_auth.authenticate_client(request))
    form = request.form
    try:
        with store.transaction(database()):
            if form.get("grant_type") == "authorization_code":
                issued = tokens.exchange_code(
                    database(),
                    parties,
                    code=form.get("code", ""),
                    redirect_uri=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier", ""),
                    now=now(),
                )
            elif form.get("grant_type") == "refresh_token":
                issued = tokens.exchange_refresh_token(
                    database(), parties, token=form.get("refresh_token", ""), now=now()
                )
            else:
                return answers.json_answer({"error": "unsupported_grant_type"}, 400)
    except tokens.InvalidGrant:
        return answers.json_answer({"error": "invalid_grant"}, 400)
    return _without_caching(answers.json_answer(issued))


@token_bp.post("/connect/revocation")
def revocation() -> Response:
    """Revoke a refresh token and its user's connections; answer an unknown token alike."""
    client_auth.authenticate_client(request)
    with store.transaction(database()):
        tokens.revoke_consent(database(), request.form.get("token", ""))
    return Response(status=200)


@token_bp.get("/connections")
@token_bp.get("/Connections")
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
            "tenantName": getattr(find(database(), tenant=row["tenant_id"]), "name", ""),
            "createdDateUtc": xero_dates.format_seven_digits(row["created"]),
            "updatedDateUtc": xero_dates.format_seven_digits(row["updated"]),
        }
        for row in rows
        if event is None or row["event_id"] == event.lower()
    ]
    return answers.json_answer(listed)


@token_bp.delete("/connections/<connection_id>")
@token_bp.delete("/Connections/<connection_id>")
def disconnect(connection_id: str) -> Response:
    """Delete the connection of one organisation; the tokens stay valid for the others."""
    middleware.authenticate()
    gone = database().execute("DELETE FROM connection WHERE id = ?", (connection_id.lower(),)).rowcount
    return Response(status=204) if gone else answers.not_found()


def _page_error(parameters: dict[str, str]) -> tuple[str, str] | None:
    """Return why the browser cannot be redirected: Xero's error, and an explanation."""
    if parameters["client_id"] != practice().client_id:
        return UNKNOWN_CLIENT, "Xero does not know an app with this client id. Compare it with the app's settings."
    address = urlsplit(parameters["redirect_uri"])
    if address.hostname and (
        address.scheme == "https" or (address.scheme == "http" and address.hostname == HTTP_REDIRECT_HOST)
    ):
        return None
    return INVALID_REDIRECT, (
        f"The app asked to be answered at {parameters['redirect_uri'] or 'no address'}. Xero answers "
        "at https addresses, and at http addresses of localhost only: neither 127.0.0.1 nor another name will do."
    )


def _redirect_error(parameters: dict[str, str]) -> str:
    if parameters["response_type"] != "code":
        return "unsupported_response_type"
    if parameters["code_challenge"] and parameters["code_challenge_method"] != "S256":
        return "invalid_request"
    wanted = parameters["scope"].split()
    return "" if wanted and all(scope in SCOPES for scope in wanted) else "invalid_scope"


def _scope_texts(parameters: dict[str, str]) -> list[str]:
    return [SCOPES[scope] for scope in parameters["scope"].split()]


def _grant_consent(parameters: dict[str, str], chosen: list[str]) -> str:
    event_id = str(uuid4())
    with store.transaction(database()):
        tokens.connect(database(), chosen, event_id, now())
        return tokens.issue_code(
            database(),
            event_id=event_id,
            scope=parameters["scope"],
            redirect_uri=parameters["redirect_uri"],
            challenge=parameters["code_challenge"],
            nonce=parameters["nonce"],
            now=now(),
        )


def _redirect_back(parameters: dict[str, str], **answer: str) -> ResponseReturnValue:
    if parameters["state"]:
        answer["state"] = parameters["state"]
    joint = "&" if urlsplit(parameters["redirect_uri"]).query else "?"
    return redirect(f"{parameters['redirect_uri']}{joint}{urlencode(answer)}", 303)


def _without_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
