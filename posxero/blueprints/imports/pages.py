"""Starting, watching and cancelling an import."""

from collections.abc import Iterator
from uuid import UUID

from flask import Response, g, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.imports import bp
from posxero.blueprints.imports.import_page import parse_outcome, show_run
from posxero.db.import_ import Import
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.kinds import ContactKind
from posxero.ports import current_ports
from posxero.services.accounts import security_log
from posxero.services.errors import NotConnected
from posxero.services.imports import cancel as cancelling
from posxero.services.imports import preview, queries, report, start
from posxero.services.imports.errors import AlreadyRunning
from posxero.web.htmx import go_to, render, request
from posxero.web.idempotency import new_idempotency_key, submitted_idempotency_key
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user


@bp.get("")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """List the imports of the business."""
    return render("imports/index.html", runs=queries.recent(db.session, g.business.id))


@bp.route("/new", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def new() -> ResponseReturnValue:
    """Say what an import will do, and start it."""
    if request.method == "GET":
        return _form()
    try:
        return go_to(url_for(".show", import_id=_start().id))
    except (AlreadyRunning, NotConnected):
        return _form(refused=True)


def _form(*, refused: bool = False) -> Response:
    kind = ContactKind.SUPPLIER if request.args.get("kind") == ContactKind.SUPPLIER else ContactKind.CUSTOMER
    return render(
        "imports/new.html",
        status=409 if refused else 200,
        preview=preview.preview(db.session, g.business.id),
        kind=kind,
        suppliers=bool(request.form.get("suppliers")) or (request.method == "GET" and kind is ContactKind.SUPPLIER),
        idempotency_key=new_idempotency_key(),
        refused=refused,
    )


@bp.get("/<uuid:import_id>")
@allowed(Right.READ)
def show(import_id: UUID) -> ResponseReturnValue:
    """Show the phase of an import: its progress, its review, or its report."""
    run = queries.get(db.session, g.business.id, import_id)
    return show_run(run, number=parse_int(request.args.get("page"), 1))


@bp.get("/<uuid:import_id>/progress")
@allowed(Right.READ, polls=True)
def progress(import_id: UUID) -> ResponseReturnValue:
    """Answer the polls of a page while an import runs."""
    run = queries.get(db.session, g.business.id, import_id)
    if not request.htmx.partial:
        return go_to(url_for(".show", import_id=run.id))
    return show_run(run, block="phase")


@bp.route("/<uuid:import_id>/cancel", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def cancel(import_id: UUID) -> ResponseReturnValue:
    """Ask, then cancel."""
    run = queries.get(db.session, g.business.id, import_id)
    if request.form.get("sure") == "yes":
        by = current_user.name
        cancelling.cancel(db.session, g.business.id, import_id, by=by, now=request_time())
    elif run.finished_at is None:
        asking = request.method == "GET"
        return render("imports/cancel.html", run=run) if asking else go_to(url_for(".cancel", import_id=import_id))
    return go_to(url_for(".show", import_id=import_id))


@bp.get("/<uuid:import_id>/not-imported.csv")
@allowed(Right.AUDIT)
def not_imported(import_id: UUID) -> ResponseReturnValue:
    """Hand out the contacts that were not brought in, as a file."""
    run = queries.get(db.session, g.business.id, import_id)
    outcome = parse_outcome(request.args.get("show", ""))
    lines = report.not_imported_csv(db.session, run, outcome)
    kind = outcome.value.replace("_", "-") if outcome else "not-imported"
    return _file(lines, f"{kind}-{run.started_at:%Y-%m-%d}", "Contacts not imported")


@bp.get("/<uuid:import_id>/preview.csv")
@allowed(Right.AUDIT)
def preview_file(import_id: UUID) -> ResponseReturnValue:
    """Hand out what an import would do with every contact, as a file."""
    run = queries.get(db.session, g.business.id, import_id)
    return _file(report.preview_csv(db.session, run), f"import-preview-{run.started_at:%Y-%m-%d}", "Import preview")


def _file(lines: Iterator[str], name: str, subject: str) -> Response:
    """Hand out a file of contacts, and record that."""
    security_log.record_export(db.session, g.business.id, subject=subject, by=actor(), now=request_time())
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _start() -> Import:
    return start.start(
        db.session,
        current_ports().jobs,
        g.business.id,
        with_suppliers=bool(request.form.get("suppliers")),
        by=actor(),
        now=request_time(),
        idempotency_key=submitted_idempotency_key(),
        scope=start.Scope(is_preview=request.form.get("press") == "look"),
    )
