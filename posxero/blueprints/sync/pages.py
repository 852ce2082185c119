"""The page of Sync activity, its polls, and its list as a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from flask import Response, g, stream_with_context
from flask.typing import ResponseReturnValue

from posxero.blueprints.sync import bp
from posxero.blueprints.sync.feed_query import FeedQuery
from posxero.blueprints.sync.feed_row import FeedRow
from posxero.blueprints.sync.import_row import import_row
from posxero.db.session import db
from posxero.domain import csv_cells
from posxero.domain.enums import Right
from posxero.services.accounts import security_log, users
from posxero.services.imports import queries
from posxero.services.push.feed.counts import FeedCounts, count_rows, total
from posxero.services.push.feed.done import list_done
from posxero.services.push.feed.entries import PAGE_SIZE, PageRequest
from posxero.services.push.feed.rows import RowRequest, list_rows
from posxero.services.push.feed.tabs import Tab
from posxero.web.htmx import go_to, render, request
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed
from posxero.web.sync_status import connection_status

TAB_LABELS: Final = {
    Tab.ATTENTION: "Needs attention",
    Tab.WAITING: "Waiting",
    Tab.DONE: "Done",
    Tab.CHANGED: "Changed in Xero",
    Tab.IMPORTS: "Imports",
}
CSV_HEADINGS: Final = ("When", "Kind", "Name", "Who", "Status", "Details", "Attempts", "Next attempt")
CSV_BATCH: Final = 500  # entries read at a time


class TabLink(NamedTuple):
    """A tab as a link, with the number of its rows; 0 shows none."""

    key: str
    label: str
    href: str
    number: int


@bp.get("")
@allowed(Right.READ)
def index() -> ResponseReturnValue:
    """Show a tab, 25 entries a page."""
    return _show(FeedQuery.from_request())


@bp.get("/latest")
@allowed(Right.READ, polls=True)
def latest() -> ResponseReturnValue:
    """Answer the polls of the first page."""
    query = FeedQuery.from_request()
    return _show(query) if request.htmx.partial else go_to(query.url())


@bp.get("/activity.csv")
@allowed(Right.READ)
def export() -> ResponseReturnValue:
    """Hand out the whole filtered list as a file."""
    query = FeedQuery.from_request()
    subject = f"Sync activity: {TAB_LABELS[query.tab]}"
    security_log.record_export(db.session, g.business.id, subject=subject, by=actor(), now=request_time())
    disposition = f'attachment; filename="sync-{query.tab.value}-{request_time():%Y-%m-%d}.csv"'
    headers = {"Content-Disposition": disposition}
    return Response(stream_with_context(_csv_lines(query)), mimetype="text/csv", headers=headers)


def _show(query: FeedQuery) -> Response:
    by_kind = count_rows(db.session, connection_status(), g.business.id)
    counts, found = total(by_kind), _rows(query, query.to_page(), by_kind)
    rows = found[:PAGE_SIZE]
    answer = render(
        "sync/index.html",
        block={"activity": "activity"},
        query=query,
        tabs=[
            TabLink(tab.value, label, query.url_of(tab), getattr(counts, tab.value, 0))
            for tab, label in TAB_LABELS.items()
        ],
        not_sent=counts.not_sent,
        rows=rows,
        older=query.url_after(rows[-1].position) if len(found) > len(rows) else "",
        polled=query.url(".latest") if query.page == 1 else "",
        people=[] if request.htmx.partial else _people(query),
    )
    if request.htmx.partial and request.endpoint == f"{bp.name}.index":
        answer.headers["HX-Replace-Url"] = query.url()
    return answer


def _rows(query: FeedQuery, page: PageRequest, counts: Mapping[str, FeedCounts]) -> list[FeedRow]:
    wanted = query.to_filter()
    if query.tab is Tab.IMPORTS:
        return [import_row(run) for run in queries.list_page(db.session, g.business.id, wanted, page)]
    if query.tab is Tab.DONE:
        return [FeedRow.of(entry) for entry in list_done(db.session, g.business.id, wanted, page)]
    asked = RowRequest(g.business.id, connection_status(), query.tab, counts, wanted, page)
    return [FeedRow.of(entry) for entry in list_rows(db.session, asked, now=request_time())]


def _people(query: FeedQuery) -> Sequence[str]:
    """Return the names to choose from: everybody of the business, and who was asked for."""
    names = {user.name for user in users.by_name(db.session, g.business.id)}
    return sorted(names | ({query.person} if query.person else set()), key=str.casefold)


def _csv_lines(query: FeedQuery) -> Iterator[str]:
    """Write the list line by line, a batch of entries at a time."""
    zone = ZoneInfo(g.business.timezone or "UTC")
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(CSV_HEADINGS)
    counts = count_rows(db.session, connection_status(), g.business.id)
    page = PageRequest(size=CSV_BATCH)
    while rows := _rows(query, page, counts)[:CSV_BATCH]:
        for row in rows:
            at, next_attempt = (
                csv_cells.time_cell(moment, zone) if moment else "" for moment in (row.at, row.next_attempt)
            )
            tries = str(row.tries or "")
            yield csv_cells.line((at, row.kind, row.title, row.who, row.status, row.detail, tries, next_attempt))
        page = page._replace(after=rows[-1].position)
