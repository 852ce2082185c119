"""The query string of a list: what was typed, the filter, the order and the page.

It is carried along to the pages of the list's contacts (`/customers/<id>?q=ann&page=2`), and through every form and
link there, so that the way back leads to the same list. It only ever names a list of ours: there is no URL to forge.
"""

from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import has_request_context, url_for

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.domain.kinds import ContactKind
from posxero.domain.labels import NAME_MAX
from posxero.domain.query import LENGTH_MAX
from posxero.services.contacts.search.results import ListQuery
from posxero.services.contacts.search.statements import FILTERS, Order
from posxero.web.htmx import request
from posxero.web.numbers import parse_int, parse_uuid

MAX_SELECTED: Final = 125  # contacts: those that a list carries along, and a page of it

# Balances and sales are those of customers: of a supplier they say nothing.
ORDERS: Final = {ContactKind.CUSTOMER: tuple(Order), ContactKind.SUPPLIER: (Order.NAME, Order.NEWEST)}


def from_request() -> ListQuery:
    """Parse the query string of the request; an invalid parameter is ignored."""
    args, kind = request.args, contact_kind()
    return ListQuery(
        kind,
        typed=args.get("q", "")[:LENGTH_MAX],
        sync=args.get("sync", "") if args.get("sync", "") in FILTERS else "",
        sort=args.get("sort", "") if args.get("sort", "") in ORDERS[kind] else "",
        group=args.get("group", "")[:NAME_MAX],
        tag=args.get("tag", "")[:NAME_MAX],
        page=max(1, parse_int(args.get("page"), 1)),
        selected=_selected(),
    )


def _selected() -> tuple[UUID, ...] | None:
    """Return the ids of `?selected=<id>,<id>&selected=<id>`; None without the parameter."""
    if "selected" not in request.args:
        return None
    ids = (parse_uuid(part) for part in ",".join(request.args.getlist("selected")).split(","))
    return tuple(dict.fromkeys(one for one in ids if one))[:MAX_SELECTED]


def params_of(query: ListQuery, *, page: int = 1) -> dict[str, str]:
    """Return the parameters of a list that differ from the defaults."""
    params = {"q": query.typed, "sync": query.sync, "group": query.group, "tag": query.tag, "sort": query.sort}
    params["page"] = str(page) if page > 1 else ""
    selected = {"selected": ",".join(map(str, query.selected))} if query.selected is not None else {}
    return {key: value for key, value in params.items() if value} | selected


def url_of(query: ListQuery, *, page: int = 1) -> str:
    """Return the URL of a list, with all of its contacts."""
    return with_params(url_for(".index"), params_of(replace(query, selected=None), page=page))


def with_params(path: str, params: dict[str, str]) -> str:
    """Return the URL of a path and parameters."""
    return f"{path}?{urlencode(params)}" if params else path


@bp.url_defaults
def _keep_list(_endpoint: str, values: dict[str, Any]) -> None:
    """Carry the list's parameters from one page of a contact to the next."""
    if "contact_id" in values and has_request_context() and "contact_id" in (request.view_args or {}):
        query = from_request()
        for key, value in params_of(query, page=query.page).items():
            values.setdefault(key, value)
