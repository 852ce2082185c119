"""The list: search as you type, filter by what Xero has, 25 a page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple
from uuid import UUID

from flask import Response, g, get_template_attribute, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from posxero.blueprints.customers import bp, list_query
from posxero.blueprints.customers.label_choices import LabelChoices
from posxero.blueprints.customers.selection import Selection
from posxero.db.session import db
from posxero.domain.enums import Right, SyncState
from posxero.domain.labels import render_tags, split_tags
from posxero.domain.states import CHANGED_IN_XERO
from posxero.services.accounts import businesses
from posxero.services.contacts.search import results
from posxero.services.contacts.search.results import ContactRow, ListQuery, ResultPage
from posxero.services.contacts.search.statements import ARCHIVED, Order
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.web.display import breakable, phone
from posxero.web.htmx import go_to, render, request
from posxero.web.money import money
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status
from posxero.web.times import calendar_date

FILTER_LABELS = {SyncState.CHANGED: CHANGED_IN_XERO}  # what only differs is among it
CHOICES = [
    ("", "Any status"),
    *((state.value, FILTER_LABELS.get(state, state.label)) for state in SyncState if state is not SyncState.NONE),
    (SyncState.NONE.value, SyncState.NONE.label),
    (ARCHIVED, "Archived here"),
]
ORDER_LABELS = {
    Order.NAME: "By name",
    Order.NEWEST: "Newest first",
    Order.BALANCE: "Highest balance",
    Order.LAST_SALE: "Latest sale",
}


class Row(NamedTuple):
    """One row of the list, as its cells show it."""

    id: UUID
    address: str
    name: str
    note: str  # group and tags; what it is sorted by
    email: Markup
    phone: str
    badge: Markup
    archive_url: str  # or what restores it


@bp.get("")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """Show one page of the list; a code that is scanned, or typed and followed by Enter, leads to its customer."""
    asked = replace(list_query.from_request(), selected=None)
    if "open" in request.args and (only := results.find_by_code(db.session, g.business.id, asked.kind, asked.typed)):
        return go_to(url_for(".show", contact_id=only))
    status = connection_status()
    found = results.find(db.session, g.business.id, asked, status, request_time())
    if not found.rows and asked.page > 1:
        return go_to(list_query.url_of(asked), stay=True)
    answer = _page(asked, found, list(_rows(asked, found, status)))
    if request.htmx.partial and asked.page == 1:
        answer.headers["HX-Replace-Url"] = Selection.from_request(asked).list_url
    return answer


@bp.post("/notice-read")
@allowed(Right.EDIT)
def read_notice() -> ResponseReturnValue:
    """Dismiss the notice of the first visit, for the whole business."""
    businesses.read_notice(db.session, g.business)
    return "" if request.htmx.partial else go_to(url_for(".index"))


def _page(asked: ListQuery, found: ResultPage, rows: Sequence[Row]) -> Response:
    selection = Selection.from_request(asked)
    return render(
        "customers/index.html",
        block={"results": "results"},
        kind=asked.kind,
        asked=asked,
        found=found,
        rows=rows,
        choices=CHOICES,
        url=selection.list_url,
        selection=selection,
        export_url=list_query.with_params(url_for(".export"), list_query.params_of(replace(asked, sort=""))),
        url_with=lambda endpoint: list_query.with_params(url_for(endpoint), list_query.params_of(asked)),
        saved=_saved(asked),
        orders=[(order, ORDER_LABELS[order]) for order in list_query.ORDERS[asked.kind]],
        labels=LabelChoices.load(),
    )


def _saved(asked: ListQuery) -> list[tuple[str, str, bool]]:
    """Return the saved filters: name, address, and whether it is what is asked for now."""
    found = g.business.list_choices.get(asked.kind.many, ())
    now = list_query.params_of(asked)
    return [(name, list_query.with_params(url_for(".index"), params), params == now) for name, params in found]


def _rows(asked: ListQuery, found: ResultPage, status: ConnectionStatus) -> Iterator[Row]:
    """Return the context of the template; each different badge is rendered once, since many rows share few."""
    base, now = url_for(".index"), request_time()
    back = list_query.with_params("", list_query.params_of(asked, page=asked.page))
    draw = cache(get_template_attribute("shared/_badge.html", "badge"))
    for row in found.rows:
        badge = badges.badge_of(status, row.facts, now)
        drawn = draw(badge.state, badge.label)
        number, act = phone(row.phone or row.mobile), "restore" if row.archived_at else "archive"
        address, archive_url = f"{base}/{row.id}{back}", f"{base}/{row.id}/{act}{back}"
        yield Row(row.id, address, row.name, _note(row, asked.sort), breakable(row.email), number, drawn, archive_url)


def _note(row: ContactRow, sort: str) -> str:
    """Return what stands under a name."""
    parts = [row.group, *split_tags(render_tags(row.tags))] if row.group or row.tags else []
    if sort == Order.LAST_SALE and row.last_sold_on:
        parts.insert(0, f"Last sale {calendar_date(row.last_sold_on)}")
    if row.owes:
        parts.insert(0, f"Owes {money(row.owes)}{', over the limit' if row.is_over_limit else ''}")
    return " · ".join(filter(None, parts))
