"""Connect to Xero: to its consent page, back from it, and the choice of an organisation."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero.db.connection import Connection, Consent
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.xero_connection import connections, consents, tenant_choice
from posxero.services.xero_connection.errors import ConnectError, TenantTaken, XeroAway
from posxero.services.xero_connection.tenant_choice import ConfirmationRequired
from posxero.web.client import client_address
from posxero.web.htmx import render, request, toast
from posxero.web.request_time import request_time
from posxero.web.security import is_cross_site
from posxero.web.sign_in import actor, allowed, current_user

STATUS_OF_ERROR = {TenantTaken: 409, XeroAway: 503}  # every other error is 400

bp = Blueprint("xero", __name__, url_prefix="/xero")


@bp.get("/connect")
@allowed(Right.OWN)
def connect() -> ResponseReturnValue:
    """Redirect the owner to Xero's consent page; ask first when another site led here.

    A link, not a form: browsers block forms whose redirect ends on another site.
    """
    if is_cross_site():
        return render("xero/connect.html")
    user, session_hash = current_user.user, current_user.session_hash
    return redirect(consents.begin(db.session, current_ports(), user, session_hash, now=request_time()), 302)


@bp.get("/callback")
@allowed(Right.OWN)
def callback() -> ResponseReturnValue:
    """Connect after the return from Xero, ask which organisation, or say what went wrong."""
    try:
        result = _complete(request.args.get("state", ""), request.args.get("code", ""))
    except ConnectError as error:
        return _failed(error)
    if isinstance(result, Connection):
        return _connected(result)
    return redirect(url_for(".choose", consent_id=result.id), 303)


def _complete(state: str, code: str) -> Connection | Consent:
    """Return the connection that was made, or the consent whose organisation the owner chooses.

    Raises:
        ConnectError: Nothing was connected.
    """
    ports, user, session_hash = current_ports(), current_user.user, current_user.session_hash
    if not code or "error" in request.args:
        raise consents.decline(db.session, user, session_hash, state=state, now=request_time())
    answer: dict[str, Any] = {"state": state, "code": code, "address": client_address()}
    return consents.complete(db.session, ports, ports.jobs, user, session_hash, **answer, now=request_time())


@bp.route("/choose/<uuid:consent_id>", methods=["GET", "POST"])
@allowed(Right.OWN)
def choose(consent_id: UUID) -> ResponseReturnValue:
    """Ask which organisation of the consent to connect, and connect it."""
    consent = tenant_choice.get_pending(db.session, g.business.id, consent_id, current_user.session_hash)
    if request.method == "GET":
        return _options(consent, {})
    try:
        connection = _connect(consent, UUID(request.form.get("tenant", "")))
    except ValueError:
        return _options(consent, {"tenant": "Choose an organisation"})
    except ConfirmationRequired:
        return _options(consent, {"sure": "Confirm the change of organisation"})
    except ConnectError as error:
        return _failed(error)
    return _connected(connection)


def _connect(consent: Consent, tenant_id: UUID) -> Connection:
    """Connect the organisation that the submitted form names; raises what `tenant_choice.choose` raises."""
    jobs, confirmed = current_ports().jobs, "sure" in request.form
    who: dict[str, Any] = {"by": actor(), "now": request_time()}
    return tenant_choice.choose(db.session, jobs, g.business, consent, tenant_id, confirmed=confirmed, **who)


def _options(consent: Consent, errors: dict[str, str]) -> ResponseReturnValue:
    options = tenant_choice.options_of(db.session, consent)
    return render(
        "xero/choose.html",
        status=422 if errors else 200,
        consent_id=consent.id,
        options=options,
        other_linked=next((option.other_linked for option in options if option.other_linked), None),
        started_over=any(option.was_started_over for option in options),
        chosen=request.form.get("tenant", ""),
        errors=errors,
    )


def _connected(connection: Connection) -> ResponseReturnValue:
    if connections.must_match_first(db.session, g.business.id, connection.tenant_id):
        toast(f"Connected to {connection.name}. Import next: your customers are matched with its contacts.")
        return redirect(url_for("imports.new"), 303)
    toast(f"Connected to {connection.name}.")
    return redirect(url_for("settings.xero"), 303)


def _failed(error: ConnectError) -> ResponseReturnValue:
    return render("xero/failed.html", status=STATUS_OF_ERROR.get(type(error), 400), title=error.title, text=error.text)
