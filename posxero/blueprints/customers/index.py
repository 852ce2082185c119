"""The list: search as you type, filter by what Xero has, 25 a page."""

from collections.abc import Iterator, Sequence
from functools import cache
from urllib.parse import urlencode

from flask import Response, g, get_template_attribute, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.kinds import kind
from posxero.db.session import db
from posxero.domain.query import LENGTH_MAX
from posxero.domain.words import Right, SyncState
from posxero.services import businesses, search, sync
from posxero.services.listing import ARCHIVED, FILTERS
from posxero.services.search import Asked, Found
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import whole
from posxero.web.sign_in import allowed
from posxero.web.standing import standing
from posxero.web.times import moment

CHOICES = [
    ("", "All"),
    *((state.value, state.label) for state in SyncState if state is not SyncState.NONE),
    (SyncState.NONE.value, SyncState.NONE.label),
    (ARCHIVED, "Archived here"),
]
Row = tuple[str, str, str, str, Markup]  # address, name, email, phone, badge


@bp.get("")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """Show one page of the list; an exact code and Enter lead to its customer."""
    asked = _asked()
    where = standing()
    found = search.find(db.session, g.business.id, asked, where, moment())
    if found.exact and "open" in request.args:
        return go_to(url_for(".show", contact_id=found.exact))
    if not found.rows and asked.page > 1:
        return go_to(_address(asked), stay=True)
    answer = _page(asked, found, list(_rows(found, where)))
    if request.htmx.partial and asked.page == 1:
        answer.headers["HX-Replace-Url"] = _address(asked)
    return answer


@bp.post("/notice-read")
@allowed(Right.EDIT)
def read_notice() -> ResponseReturnValue:
    """Put the notice of the first visit away, for the whole business."""
    businesses.read_notice(db.session, g.business)
    return "" if request.htmx.partial else go_to(url_for(".index"))


def _page(asked: Asked, found: Found, rows: Sequence[Row]) -> Response:
    return render(
        "customers/index.html",
        block={"results": "results"},
        kind=asked.kind,
        asked=asked,
        found=found,
        rows=rows,
        choices=CHOICES,
        url=_address(asked),
    )


def _asked() -> Asked:
    """Read the address; what cannot be read is left out."""
    args = request.args
    sync_state = args.get("sync", "") if args.get("sync", "") in FILTERS else ""
    return Asked(kind(), args.get("q", "")[:LENGTH_MAX], sync_state, max(1, whole(args.get("page"), 1)))


def _address(asked: Asked) -> str:
    """Give the address of the same list without its page."""
    query = urlencode({key: value for key, value in (("q", asked.typed), ("sync", asked.sync)) if value})
    return f"{url_for('.index')}?{query}" if query else url_for(".index")


def _rows(found: Found, where: sync.Standing) -> Iterator[Row]:
    """Give what the template draws; a page has many rows and few different badges, so each badge is drawn once."""
    base, now = url_for(".index"), moment()
    draw = cache(get_template_attribute("shared/_badge.html", "badge"))
    for _, _, contact_id, name, email, phone, mobile, *facts in map(tuple, found.rows):
        drawn = draw(sync.badge_of(where, facts, now))
        yield f"{base}/{contact_id}", name, email, phone or mobile, drawn
