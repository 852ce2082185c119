"""Lists that the business keeps under a name: save the one that is shown, rename or delete one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, list_query
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.text import normalise
from posxero.services.contacts.lists import saved_filters as service
from posxero.services.contacts.lists.saved_filters import InvalidFilter
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.get("/filters")
@allowed(Right.MANAGE)
def saved_filters() -> ResponseReturnValue:
    """List the saved filters, to rename or delete one."""
    found = service.list_filters(db.session, g.business.id, contact_kind())
    rows = [(one.id, one.name, url_of(one.params), one.created_by) for one in found]
    return render("customers/saved_filters.html", kind=contact_kind(), rows=rows)


@bp.route("/filters/new", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def save_filter() -> ResponseReturnValue:
    """Keep the list of the address under a name."""
    asked = list_query.from_request()
    params = list_query.params_of(replace(asked, typed=normalise(asked.typed), selected=None))
    address = list_query.with_params(url_for(".save_filter"), params)
    if request.method == "GET":
        return _form(address, url_of(params))
    who: dict[str, Any] = {"by": current_user.name, "now": request_time()}
    try:
        saved = service.save(db.session, g.business.id, contact_kind(), request.form.get("name", ""), params, **who)
    except InvalidFilter as refusal:
        return _form(address, url_of(params), errors=refusal.errors)
    toast(f"Filter {saved.name} saved.")
    return go_to(url_of(params))


@bp.route("/filters/<uuid:filter_id>", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def rename_filter(filter_id: UUID) -> ResponseReturnValue:
    """Rename a saved filter."""
    saved = service.get(db.session, g.business.id, filter_id)
    address, back = url_for(".rename_filter", filter_id=filter_id), url_for(".saved_filters")
    if request.method == "GET":
        return _form(address, back, renamed=saved.name)
    try:
        saved = service.rename(db.session, g.business.id, filter_id, request.form.get("name", ""))
    except InvalidFilter as refusal:
        return _form(address, back, errors=refusal.errors, renamed=saved.name)
    toast(f"Filter renamed to {saved.name}.")
    return go_to(back)


@bp.post("/filters/<uuid:filter_id>/delete")
@allowed(Right.MANAGE)
def delete_filter(filter_id: UUID) -> ResponseReturnValue:
    """Delete a saved filter; the customers stay."""
    name = service.delete(db.session, g.business.id, filter_id)
    toast(f"Filter {name} deleted.")
    return go_to(url_for(".saved_filters"))


def url_of(params: Mapping[str, str]) -> str:
    """Return the address of a list."""
    return list_query.with_params(url_for(".index"), dict(params))


def _form(address: str, back: str, *, errors: Mapping[str, str] | None = None, renamed: str = "") -> Response:
    return render(
        "customers/save_filter.html",
        status=422 if errors else 200,
        kind=contact_kind(),
        address=address,
        back=back,
        errors=errors or {},
        renamed=renamed,
        typed=request.form.get("name", renamed),
    )
