"""The history as a file: of one contact, or of the whole business."""

from collections.abc import Collection, Iterator
from uuid import UUID

from flask import Response, g, stream_with_context
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.history_query import HistoryQuery
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.accounts import security_log
from posxero.services.contacts import contacts, merged
from posxero.services.contacts.history import export
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user


@bp.get("/<uuid:contact_id>/history.csv")
@allowed(Right.READ)
def export_history(contact_id: UUID) -> ResponseReturnValue:
    """Hand out the history of one contact, filtered as its page is."""
    contact = contacts.get(db.session, g.business.id, contact_id)
    return _file("History of one customer or supplier", "history", contact.id, merged.names_of(db.session, contact))


@bp.get("/history.csv")
@allowed(Right.EXPORT)
def export_all_history() -> ResponseReturnValue:
    """Hand out the history of the whole business, filtered as the page of one contact is."""
    return _file("History of everyone", "history-of-everyone", None)


def _file(subject: str, name: str, contact_id: UUID | None, others: Collection[UUID] = ()) -> Response:
    security_log.record_export(db.session, g.business.id, subject=subject, by=actor(), now=request_time())
    disposition = f'attachment; filename="{name}-{request_time():%Y-%m-%d}.csv"'
    lines = stream_with_context(_lines(contact_id, others))
    return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _lines(contact_id: UUID | None, others: Collection[UUID]) -> Iterator[str]:
    return export.csv_lines(
        db.session,
        g.business,
        HistoryQuery.from_request().chosen,
        contact_id=contact_id,
        merged=others,
        with_answers=current_user.may(Right.OWN),
    )
