"""Connecting to Xero: the way to its consent page, the way back, and the choice of an organisation."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero import ports
from posxero.db.base import database_time
from posxero.db.connection import Connection
from posxero.db.session import db
from posxero.domain.words import Right
from posxero.services import choices, consents
from posxero.services.choices import Unsure
from posxero.services.unconnected import TenantTaken, Unconnected, XeroAway
from posxero.web.htmx import render, request, toast
from posxero.web.sign_in import allowed, current_user

STATUS = {TenantTaken: 409, XeroAway: 503}  # of the page that says why nothing was connected; else 400

bp = Blueprint("xero", __name__, url_prefix="/xero")


@bp.get("/connect")
@allowed(Right.OWN)
def connect() -> ResponseReturnValue:
    """Send the owner to Xero's consent page. A link, not a form: browsers stop forms that end on another site."""
    session = db.session
    now = database_time(session)
    return redirect(
        consents.begin(session, ports.current(), current_user.user, current_user.session_hash, now=now), 302
    )


@bp.get("/callback")
@allowed(Right.OWN)
def callback() -> ResponseReturnValue:
    """Take Xero's answer: connect, ask which organisation, or say what went wrong."""
    session, state, code = db.session, request.args.get("state", ""), request.args.get("code", "")
    who, now = (current_user.user, current_user.session_hash), database_time(session)
    if not code or "error" in request.args:
        return _failed(consents.decline(session, *who, state=state, now=now))
    try:
        made = consents.complete(session, ports.current(), *who, state=state, code=code, now=now)
    except Unconnected as error:
        return _failed(error)
    if isinstance(made, Connection):
        return _connected(made)
    return redirect(url_for(".choose", consent_id=made.id), 303)


@bp.route("/choose/<uuid:consent_id>", methods=["GET", "POST"])
@allowed(Right.OWN)
def choose(consent_id: UUID) -> ResponseReturnValue:
    """Ask which organisation of the consent to connect, and connect it."""
    session = db.session
    consent = choices.waiting(session, g.business.id, consent_id, current_user.session_hash)
    chosen, sure = request.form.get("tenant", ""), "sure" in request.form
    listed = choices.listed(session, consent)
    earlier = next((choice.earlier for choice in listed if choice.earlier), None)
    context: dict[str, Any] = {"consent_id": consent.id, "choices": listed, "earlier": earlier, "chosen": chosen}
    if request.method == "GET":
        return render("xero/choose.html", errors={}, **context)
    try:
        made = choices.choose(
            session, g.business, consent, UUID(chosen), by=current_user.name, sure=sure, now=database_time(session)
        )
    except ValueError:
        return render("xero/choose.html", status=422, errors={"tenant": "Choose an organisation"}, **context)
    except Unsure:
        return render("xero/choose.html", status=422, errors={"sure": "Tick that you mean this one"}, **context)
    except Unconnected as error:
        return _failed(error)
    return _connected(made)


def _connected(connection: Connection) -> ResponseReturnValue:
    ports.current().queue.push_contacts(g.business.id)  # what was owed while there was no connection
    toast(f"Connected to {connection.name}.")
    return redirect(url_for("settings.xero"), 303)


def _failed(error: Unconnected) -> ResponseReturnValue:
    return render("xero/failed.html", status=STATUS.get(type(error), 400), title=error.title, text=error.text)
