"""Sync activity: what was not sent and why, what waits, what was done, and the imports."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from posxero.db.session import db
from posxero.domain.enums import Right, SyncState
from posxero.domain.states import Badge
from posxero.ports import current_ports
from posxero.services.imports import queries
from posxero.services.push import retry
from posxero.services.sync_status import activity_feed, badges
from posxero.services.sync_status.activity_feed import FeedEntry, Tab
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import badge_detail
from posxero.web.sync_status import connection_status

bp = Blueprint("sync", __name__, url_prefix="/sync")

TABS = {Tab.ATTENTION: "Needs attention", Tab.WAITING: "Waiting", Tab.DONE: "Done", Tab.IMPORTS: "Imports"}


@dataclass(frozen=True)
class Row:
    """One contact on the page. `raw` is Xero's answer, for those who may read it.

    `differs`: nothing was refused; its page shows what Xero has, and what can be done.
    """

    contact_id: UUID
    address: str
    name: str
    at: datetime | None
    words: str
    raw: str
    tries: int
    badge: Badge | None
    differs: bool


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


@bp.post("/<uuid:contact_id>/try-again")
@allowed(Right.EDIT)
def try_again(contact_id: UUID) -> ResponseReturnValue:
    """Push one contact once more."""
    jobs = current_ports().jobs
    retry.try_again(db.session, g.business.id, contact_id, by=current_user.name, now=request_time(), jobs=jobs)
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
    tab, page = _tab(), _page()
    status = connection_status()
    entries = _entries(tab, status, page)
    shown = entries[: activity_feed.PAGE_SIZE]
    return render(
        "sync/index.html",
        block={"activity": "activity"},
        tab=tab,
        tabs=[(one.value, words, _address(one)) for one, words in TABS.items()],
        counts=activity_feed.counts(db.session, status, g.business.id, now=request_time()),
        rows=[_row(entry, status) for entry in shown],
        runs=queries.recent(db.session, g.business.id) if tab is Tab.IMPORTS else [],
        page=page,
        older=f"{_address(tab)}&page={page + 1}" if len(entries) > len(shown) else "",
        polled=url_for(".latest", state=tab.value) if page == 1 else "",
    )


def _entries(tab: Tab, status: ConnectionStatus, page: int) -> list[FeedEntry]:
    if tab is Tab.IMPORTS:
        return []
    if tab is Tab.DONE:
        return activity_feed.done(db.session, g.business.id, page=page)
    return activity_feed.owed(db.session, status, g.business.id, tab, page=page, now=request_time())


def _row(entry: FeedEntry, status: ConnectionStatus) -> Row:
    contact, link, told = entry.contact, entry.link, entry.told
    badge = badges.state_of(status, link, request_time()) if link else None
    differs = badge is not None and badge.state is SyncState.CHANGED
    words = badge_detail(badge.state, link, status, request_time()) if badge else told.note if told else ""
    at = told.at if told else contact.updated_at
    if link and differs:  # an earlier refusal says nothing about it
        told, at = None, link.copied_at or at
    blueprint = "customers" if contact.is_customer else "suppliers"
    return Row(
        contact_id=contact.id,
        address=url_for(f"{blueprint}.show", contact_id=contact.id),
        name=contact.name,
        at=at,
        words=words,
        raw=told.raw if told and current_user.may(Right.OWN) else "",
        tries=link.tries if link else 0,
        badge=badge,
        differs=differs,
    )


def _tab() -> Tab:
    asked = request.values.get("state", "")
    return Tab(asked) if asked in set(Tab) else Tab.ATTENTION


def _page() -> int:
    return max(1, parse_int(request.args.get("page"), 1))


def _address(tab: Tab) -> str:
    return url_for(".index", state=tab.value)
