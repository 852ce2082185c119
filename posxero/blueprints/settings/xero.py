"""Settings → Xero: how the business stands with Xero; connecting, and disconnecting."""

from typing import Any

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.drift import overview as changes_overview
from posxero.services.push.feed.counts import count_rows, total
from posxero.services.push.kinds.notes import notes_of_a_day
from posxero.services.xero_connection import connections, overview
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed
from posxero.web.sync_status import connection_status


@bp.get("/xero")
@allowed(Right.READ)
def xero() -> ResponseReturnValue:
    """Show the connection, what waits, and how much of Xero's allowance is used."""
    ports = current_ports()
    found = overview.get(db.session, ports, g.business.id, now=request_time())
    counts = total(count_rows(db.session, connection_status(), g.business.id))
    changes = None
    if found.connection is not None:
        changes = changes_overview.get(db.session, ports.settings, found.connection, used_today=found.calls_today)
    shown: dict[str, Any] = {"counts": counts, "changes": changes, "notes_a_day": notes_of_a_day(found.day_limit)}
    return render("settings/xero.html", overview=found, scopes=overview.SCOPES, **shown)


@bp.route("/xero/disconnect", methods=["GET", "POST"])
@allowed(Right.OWN)
def disconnect() -> ResponseReturnValue:
    """Ask, then end the connection. Xero is told in the background."""
    ports = current_ports()
    found = overview.get(db.session, ports, g.business.id, now=request_time())
    if found.connection is None or found.is_ended:
        return redirect(url_for(".xero"), 303)
    if request.method == "GET":
        counts = total(count_rows(db.session, connection_status(), g.business.id))
        return render("settings/disconnect.html", overview=found, counts=counts)
    connections.disconnect(db.session, g.business.id, by=actor(), now=request_time(), jobs=ports.jobs)
    toast(f"{found.connection.name} was disconnected.")
    return go_to(url_for(".xero"))


@bp.post("/xero/history-notes")
@allowed(Right.OWN)
def history_notes() -> ResponseReturnValue:
    """Switch the notes in Xero's history of each contact on or off."""
    wanted = request.form.get("history_notes") == "on"
    connections.set_history_notes(db.session, g.business.id, wanted=wanted)
    toast("Changes will be noted in Xero." if wanted else "Changes will no longer be noted in Xero.")
    return go_to(url_for(".xero"))
