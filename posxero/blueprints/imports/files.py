"""Importing a file: upload it, say what its columns hold, then the import begins."""

from contextlib import closing
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from posxero.blueprints.imports import bp
from posxero.blueprints.imports.file_columns import ColumnForm
from posxero.db.import_file import ImportFile
from posxero.db.session import db
from posxero.domain.csv_encodings import ENCODING_LABELS, UnreadableFile
from posxero.domain.enums import Right
from posxero.domain.import_choices import OnMatch
from posxero.ports import current_ports
from posxero.services.imports import queries
from posxero.services.imports.errors import AlreadyRunning
from posxero.services.imports.files import uploads
from posxero.services.imports.start import FileChoice, Scope, start
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.idempotency import new_idempotency_key, submitted_idempotency_key
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user

if TYPE_CHECKING:
    from io import BufferedIOBase

NO_FILE = "Choose a CSV file."
DELIMITER_LABELS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@bp.route("/files", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def upload() -> ResponseReturnValue:
    """Keep a file that can be read, and ask what its columns hold."""
    if request.method == "GET":
        return _upload_form({})
    try:
        file = _store(request.files.get("file"))
    except UnreadableFile as error:
        return _upload_form({"file": str(error)})
    return go_to(url_for(".columns", file_id=file.id))


@bp.route("/files/<uuid:file_id>", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def columns(file_id: UUID) -> ResponseReturnValue:
    """Show what the columns of a file may hold, and start the import of what was chosen."""
    file = uploads.get(db.session, g.business.id, file_id)
    form = ColumnForm.of(file, request.form if request.method == "POST" else None)
    if request.method == "GET" or form.problems:
        return _page(file, form, status=422 if form.problems else 200)
    try:
        return _start(FileChoice(file.id, form.columns, form.on_match), is_preview=request.form.get("press") == "look")
    except AlreadyRunning:
        return _page(file, form, status=409, is_running=True)


@bp.post("/<uuid:import_id>/carry-out")
@allowed(Right.MANAGE)
def carry_out(import_id: UUID) -> ResponseReturnValue:
    """Import the file of a preview, as was chosen for it."""
    run = queries.get(db.session, g.business.id, import_id)
    if run.file_id is None or not uploads.is_kept(db.session, g.business.id, run.file_id):
        toast("That file was imported or deleted. Choose it again.", "info")
        return go_to(url_for(".upload"))
    try:
        return _start(FileChoice(run.file_id, run.file_columns, OnMatch(run.on_match)), is_preview=False)
    except AlreadyRunning as error:
        toast("An import is already running.", "info")
        return go_to(url_for(".show", import_id=error.import_id))


def _upload_form(problems: dict[str, str]) -> Response:
    limit = current_ports().settings.csv_max_mb
    return render("imports/upload.html", status=422 if problems else 200, problems=problems, max_mb=limit)


def _store(sent: FileStorage | None) -> ImportFile:
    if sent is None or not sent.filename:
        raise UnreadableFile(NO_FILE)
    limit = current_ports().settings.csv_max_mb
    now, by = request_time(), current_user.name
    with closing(cast("BufferedIOBase", sent.stream)) as stream:
        return uploads.store(db.session, g.business.id, stream, sent.filename, limit=limit, by=by, now=now)


def _start(choice: FileChoice, *, is_preview: bool) -> ResponseReturnValue:
    run = start(
        db.session,
        current_ports().jobs,
        g.business.id,
        with_suppliers=False,
        by=actor(),
        now=request_time(),
        idempotency_key=submitted_idempotency_key(),
        scope=Scope(is_preview=is_preview, file=choice),
    )
    return go_to(url_for(".show", import_id=run.id))


def _page(file: ImportFile, form: ColumnForm, *, status: int, is_running: bool = False) -> Response:
    return render(
        "imports/columns.html",
        status=status,
        file=file,
        form=form,
        encoding=ENCODING_LABELS[file.encoding],
        delimiter=DELIMITER_LABELS[file.delimiter],
        on_matches=[*OnMatch],
        is_running=is_running,
        idempotency_key=new_idempotency_key(),
    )
