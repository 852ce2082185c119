"""Importing some rows of an earlier import again."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.imports import bp
from posxero.blueprints.imports.import_page import parse_outcome
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.errors import NotConnected
from posxero.services.imports import queries, rereading, start
from posxero.services.imports.errors import AlreadyRunning
from posxero.web.htmx import go_to, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed


@bp.post("/<uuid:import_id>/again")
@allowed(Right.MANAGE)
def repeat(import_id: UUID) -> ResponseReturnValue:
    """Start an import of the rows that could not be imported, or were skipped, and of no other."""
    run = queries.get(db.session, g.business.id, import_id)
    outcome = parse_outcome(request.form.get("outcome", ""))
    if not rereading.may_repeat(run, outcome):
        return go_to(url_for(".show", import_id=import_id))
    scope = start.Scope(retry_of=run.id, retry_outcome=outcome)
    jobs, suppliers, now = current_ports().jobs, run.with_suppliers, request_time()
    try:
        again = start.start(db.session, jobs, g.business.id, with_suppliers=suppliers, by=actor(), now=now, scope=scope)
    except AlreadyRunning as error:
        toast("An import is already running.", "info")
        return go_to(url_for(".show", import_id=error.import_id))
    except NotConnected as error:
        toast(str(error) or "Connect to Xero first.", "warn")
        return go_to(url_for(".show", import_id=import_id))
    return go_to(url_for(".show", import_id=again.id))
