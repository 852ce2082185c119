"""The list as a file."""

from flask import Response, g, stream_with_context
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import list_query
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts.csv_files import export as exporting
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed
from posxero.web.sync_status import connection_status


@allowed(Right.EXPORT)
def export() -> ResponseReturnValue:
    """Hand out the list, searched and filtered as its page is."""
    asked, now = list_query.from_request(), request_time()
    status = connection_status()
    exporting.record(db.session, g.business.id, asked, by=actor(), now=now)
    lines = stream_with_context(exporting.csv_lines(db.session, g.business.id, asked, status, now=now))
    disposition = f'attachment; filename="{asked.kind.many}-{now:%Y-%m-%d}.csv"'
    return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})
