"""Sync activity: what was not sent and why, what waits, what was done, and the imports."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from posxero.db.session import db
from posxero.domain.enums import Right, SyncState
from posxero.domain.states import Badge
from posxero.ports import current_ports
from posxero.services.imports import queries
from posxero.services.push import retry
from posxero.services.push.feed import entries
from posxero.services.push.feed.counts import count_rows
from posxero.services.push.feed.entries import FeedEntry, PageRequest
from posxero.services.push.feed.position import Position
from posxero.services.push.feed.tabs import Tab
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import badge_detail
from posxero.web.sync_status import connection_status

bp = Blueprint("sync", __name__, url_prefix="/sync")

TABS = {Tab.ATTENTION: "Needs attention", Tab.WAITING: "Waiting", Tab.DONE: "Done", Tab.IMPORTS: "Imports"}


MAX_SKIPPED_PAGES = 400  # of an address without a position; the links that the page draws carry one


class FeedRow(NamedTuple):
    """One row on the page.

    Attributes:
        address_id: By which the address of *Try again* names it.
        href: The page where it is cured.
        differs: Nothing was refused; its page shows what Xero has, and what can be done.
        raw: Xero's answer, for those who may read it.
    """

    address_id: UUID
    href: str
    title: str
    at: datetime
    detail: str
    raw: str
    tries: int
    badge: Badge | None
    differs: bool


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
    return _show()


@bp.get("/latest")
@allowed(Right.READ, polls=True)
def latest() -> ResponseReturnValue:
    """Answer the polls of the first page."""
    return _show() if request.htmx.partial else go_to(_address(_tab()))


@bp.post("/<uuid:address_id>/try-again")
@allowed(Right.EDIT)
def try_again(address_id: UUID) -> ResponseReturnValue:
    """Push one row once more."""
    jobs = current_ports().jobs
    retry.try_again(db.session, g.business.id, address_id, by=current_user.name, now=request_time(), jobs=jobs)
    toast("Trying again.", "info")
    return go_to(_address(_tab()), stay=True)


@bp.post("/try-again")
@allowed(Right.MANAGE)
def try_all_again() -> ResponseReturnValue:
    """Push everything once more that was not sent."""
    jobs = current_ports().jobs
    count = retry.try_all_again(db.session, g.business.id, by=current_user.name, now=request_time(), jobs=jobs)
    toast(f"Trying {count} again." if count else "There is nothing to try again.", "info")
    return go_to(_address(Tab.ATTENTION), stay=True)


def _show() -> ResponseReturnValue:
    tab, number = _tab(), _page_number()
    counts = count_rows(db.session, connection_status(), g.business.id)
    found = _entries(tab, _page_request(number))
    shown = found[: entries.PAGE_SIZE]
    return render(
        "sync/index.html",
        block={"activity": "activity"},
        tab=tab,
        tabs=[TabLink(one.value, label, _address(one), getattr(counts, one.value, 0)) for one, label in TABS.items()],
        not_sent=counts.not_sent,
        rows=[_row(entry) for entry in shown],
        runs=queries.recent(db.session, g.business.id) if tab is Tab.IMPORTS else [],
        page=number,
        older=_older(tab, number, shown[-1]) if len(found) > len(shown) else "",
        polled=url_for(".latest", state=tab.value) if number == 1 else "",
    )


def _entries(tab: Tab, page: PageRequest) -> list[FeedEntry]:
    if tab is Tab.IMPORTS:
        return []
    if tab is Tab.DONE:
        return entries.list_done(db.session, g.business.id, page)
    return entries.list_owed(db.session, connection_status(), g.business.id, tab, page, now=request_time())


def _row(entry: FeedEntry) -> FeedRow:
    row, told, badge = entry.row, entry.told, entry.badge
    differs = badge is not None and badge.state is SyncState.CHANGED
    if differs:  # an earlier refusal says nothing about it
        told = None
    detail = badge_detail(badge.state, row, connection_status(), request_time()) if badge else ""
    return FeedRow(
        address_id=entry.address_id,
        href=url_for(f"{entry.title.page}.show", contact_id=entry.title.page_id),
        title=entry.title.text,
        at=told.at if told else entry.position.at,
        detail=detail or (told.note if told else ""),
        raw=told.raw if told and current_user.may(Right.OWN) else "",
        tries=row.tries if row else 0,
        badge=badge,
        differs=differs,
    )


def _tab() -> Tab:
    asked = request.values.get("state", "")
    return Tab(asked) if asked in set(Tab) else Tab.ATTENTION


def _page_number() -> int:
    return max(1, parse_int(request.args.get("page"), 1))


def _page_request(number: int) -> PageRequest:
    after = Position.parse(request.args.get("after", ""))
    return PageRequest(after) if after else PageRequest(skip=min(number - 1, MAX_SKIPPED_PAGES) * entries.PAGE_SIZE)


def _older(tab: Tab, number: int, last: FeedEntry) -> str:
    return url_for(".index", state=tab.value, page=number + 1, after=last.position.to_text())


def _address(tab: Tab) -> str:
    return url_for(".index", state=tab.value)
