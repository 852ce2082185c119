"""The contacts of Xero that are never imported: choosing one, listing them, taking the choice back."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.imports import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.imports import exclusions, queries
from posxero.services.xero_connection import connections
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.get("/never")
@allowed(Right.READ)
def excluded() -> ResponseReturnValue:
    """List the contacts of the connected organisation that imports leave out, by a person's choice."""
    connection = connections.current(db.session, g.business.id)
    tenant_id = connection.tenant_id if connection else UUID(int=0)
    page = exclusions.list_excluded(db.session, g.business.id, tenant_id, parse_int(request.args.get("page"), 1))
    return render("imports/excluded.html", page=page, organisation=connection.name if connection else "")


@bp.post("/<uuid:import_id>/contacts/<uuid:xero_id>/never")
@allowed(Right.MANAGE)
def exclude(import_id: UUID, xero_id: UUID) -> ResponseReturnValue:
    """Leave a contact that was not imported out of later imports too."""
    run = queries.get(db.session, g.business.id, import_id)
    name = exclusions.exclude(db.session, run, xero_id, by=current_user.name, now=request_time())
    toast(f"{name} will never be imported.")
    if request.htmx.partial:
        return render("imports/_never_imported.html", block="link")
    shown: dict[str, Any] = {key: request.args[key] for key in ("show", "page") if key in request.args}
    return go_to(url_for(".show", import_id=import_id, **shown))


@bp.post("/never/<uuid:excluded_id>/delete")
@allowed(Right.MANAGE)
def include(excluded_id: UUID) -> ResponseReturnValue:
    """Let later imports bring a contact in again."""
    name = exclusions.include(db.session, g.business.id, excluded_id)
    toast(f"The next import may bring in {name}.")
    return go_to(url_for(".excluded"))
