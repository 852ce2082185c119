"""Choosing the customer of a new sale."""

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.kinds import ContactKind
from posxero.domain.query import LENGTH_MAX
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ListQuery
from posxero.web.htmx import go_to, render, request
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status


@bp.get("/sales/new")
@allowed(Right.EDIT)
def choose_customer() -> ResponseReturnValue:
    """Search customers; a code that is scanned, or typed and followed by Enter, leads to its customer's sale."""
    typed = request.args.get("q", "")[:LENGTH_MAX]
    asked = ListQuery(ContactKind.CUSTOMER, typed=typed)
    only = results.find_by_code(db.session, g.business.id, asked.kind, typed, with_archived=False)
    if only and "open" in request.args:
        return go_to(url_for(".new", contact_id=only))
    found = results.find(db.session, g.business.id, asked, connection_status(), request_time())
    return render(
        "sales/choose_customer.html",
        block={"results": "results"},
        typed=typed,
        total=found.total,
        rows=found.rows,
    )
