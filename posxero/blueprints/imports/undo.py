"""Undoing an import: what it would do, then the undo."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.imports import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.imports import queries, undo_preview
from posxero.services.imports import undo as undoing
from posxero.services.imports.errors import AlreadyRunning
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.route("/<uuid:import_id>/undo", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def undo(import_id: UUID) -> ResponseReturnValue:
    """Say how many customers go and which stay, then undo the import."""
    run = queries.get(db.session, g.business.id, import_id)
    if request.method == "POST":
        _undo(import_id)
    elif undo_preview.may_undo(run):
        return render("imports/undo.html", run=run, undo=undo_preview.preview_undo(db.session, run))
    return go_to(url_for(".show", import_id=import_id))


def _undo(import_id: UUID) -> None:
    try:
        jobs, by = current_ports().jobs, current_user.name
        undoing.undo(db.session, jobs, g.business.id, import_id, by=by, now=request_time())
    except AlreadyRunning:
        toast("Another import is running. Undo this one when that one has finished.", "warn")
