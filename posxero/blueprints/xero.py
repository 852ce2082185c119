"""Connecting to Xero: the way to its consent page, the way back, and the choice of an organisation."""

from uuid import UUID

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero.db.connection import Connection, Consent
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.xero_connection import consents, tenant_choice
from posxero.services.xero_connection.errors import ConnectError, TenantTaken, XeroAway
from posxero.services.xero_connection.tenant_choice import ConfirmationRequired
from posxero.web.client import client_address
from posxero.web.htmx import render, request, toast
from posxero.web.security import is_cross_site
from posxero.web.sign_in import actor, allowed, current_user
from posxero.web.times import request_time

STATUS = {TenantTaken: 409, XeroAway: 503}  # of the page that says why nothing was connected; else 400

bp = Blueprint("xero", __name__, url_prefix="/xero")


@bp.get("/connect")
@allowed(Right.OWN)
def connect() -> ResponseReturnValue:
    """Send the owner to Xero's consent page, and ask first when another site led here.

    A link, not a form: browsers stop forms that end on another site.
    """
    if is_cross_site():
        return render("xero/connect.html")
    who = (current_user.user, current_user.session_hash)
    return redirect(consents.begin(db.session, current_ports(), *who, now=request_time()), 302)


@bp.get("/callback")
@allowed(Right.OWN)
def callback() -> ResponseReturnValue:
    """Take Xero's answer: connect, ask which organisation, or say what went wrong."""
    session, state, code = db.session, request.args.get("state", ""), request.args.get("code", "")
    who, now = (current_user.user, current_user.session_hash), request_time()
    address = client_address()
    if not code or "error" in request.args:
        return _failed(consents.decline(session, *who, state=state, now=now))
    try:
        made = consents.complete(session, current_ports(), *who, state=state, code=code, now=now, address=address)
    except ConnectError as error:
        return _failed(error)
    if isinstance(made, Connection):
        return _connected(made)
    return redirect(url_for(".choose", consent_id=made.id), 303)


@bp.route("/choose/<uuid:consent_id>", methods=["GET", "POST"])
@allowed(Right.OWN)
def choose(consent_id: UUID) -> ResponseReturnValue:
    """Ask which organisation of the consent to connect, and connect it."""
    consent = tenant_choice.get_pending(db.session, g.business.id, consent_id, current_user.session_hash)
    if request.method == "GET":
        return _choose(consent, {})
    by, confirmed = actor(), "sure" in request.form
    try:
        chosen = UUID(request.form.get("tenant", ""))
        made = tenant_choice.choose(
            db.session, g.business, consent, chosen, by=by, confirmed=confirmed, now=request_time()
        )
    except ValueError:
        return _choose(consent, {"tenant": "Choose an organisation"})
    except ConfirmationRequired:
        return _choose(consent, {"sure": "Confirm the change of organisation"})
    except ConnectError as error:
        return _failed(error)
    return _connected(made)


def _choose(consent: Consent, errors: dict[str, str]) -> ResponseReturnValue:
    listed = tenant_choice.options_of(db.session, consent)
    return render(
        "xero/choose.html",
        status=422 if errors else 200,
        consent_id=consent.id,
        choices=listed,
        earlier=next((choice.earlier for choice in listed if choice.earlier), None),
        chosen=request.form.get("tenant", ""),
        errors=errors,
    )


def _connected(connection: Connection) -> ResponseReturnValue:
    current_ports().jobs.push(g.business.id)  # what was owed while there was no connection
    toast(f"Connected to {connection.name}.")
    return redirect(url_for("settings.xero"), 303)


def _failed(error: ConnectError) -> ResponseReturnValue:
    return render("xero/failed.html", status=STATUS.get(type(error), 400), title=error.title, text=error.text)
