"""One row of Sync activity, in words."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for

from posxero.blueprints.sync.feed_query import KIND_LABELS
from posxero.db.push_state import PushState
from posxero.domain.backoff import MAX_TRIES
from posxero.domain.enums import ActivityKind, Right, SyncState
from posxero.domain.states import CHANGED_IN_XERO, Badge
from posxero.services.push.feed.entries import FeedEntry
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.kinds.kind_feed import FeedTitle, RowCure
from posxero.web.request_time import request_time
from posxero.web.sign_in import current_user
from posxero.web.sync_messages import badge_detail
from posxero.web.sync_status import connection_status

PARAMETER_OF_PAGE = {"sales": "sale_id"}  # of the others it is the contact
IN_XERO = "someone in Xero"


class FeedRow(NamedTuple):
    """One row on the page.

    Attributes:
        position: Its place in the list.
        address_id: By which the address of *Try again* names it; "" of what was done.
        href: The page where it is seen and cured.
        status: What was done, where there is no badge.
        next_attempt: When it is sent again; None where that is at once, or never.
        raw: Xero's answer, for those who may read it.
        tries: Attempts that Xero refused.
    """

    position: FeedPosition
    address_id: str
    kind: str
    href: str
    title: str
    at: datetime | None
    who: str
    status: str
    badge: Badge | None
    detail: str
    next_attempt: datetime | None
    tries: int
    raw: str
    cure: RowCure | None

    @property
    def row_id(self) -> str:
        """By which a poll finds the row again."""
        return self.position.id.hex

    @property
    def attempt(self) -> str:
        """How many attempts failed, of how many there are; "" when none did."""
        return f"Attempt {self.tries} of {MAX_TRIES}." if self.tries else ""

    @classmethod
    def of(cls, entry: FeedEntry) -> "FeedRow":
        """Return an entry in words."""
        row, told, badge = entry.row, entry.told, entry.badge
        return cls(
            position=entry.position,
            address_id=str(entry.address_id or ""),
            kind=KIND_LABELS[entry.kind],
            href=_href(entry.title),
            title=entry.title.text,
            at=entry.at,
            who=_who(entry),
            status=(told.kind if told else ActivityKind.SENT).label if badge is None else badge.label,
            badge=badge,
            detail=_detail(entry),
            next_attempt=_next_attempt(row, badge),
            tries=row.tries if row and badge else 0,
            raw=told.raw if told and current_user.may(Right.OWN) else "",
            cure=entry.cure,
        )


def _who(entry: FeedEntry) -> str:
    """Return whose change it was; of what somebody changed, archived or merged in Xero we have no name."""
    badge = entry.badge
    if badge and (badge.label == CHANGED_IN_XERO or (badge.state is SyncState.GONE and not entry.who)):
        return IN_XERO
    return entry.who


def _href(title: FeedTitle) -> str:
    if title.page == "settings":
        return url_for("settings.xero")
    values: dict[str, Any] = {PARAMETER_OF_PAGE.get(title.page, "contact_id"): title.page_id}
    return url_for(f"{title.page}.show", **values)


def _detail(entry: FeedEntry) -> str:
    if entry.badge is None:
        return entry.told.note if entry.told else ""
    words = badge_detail(entry.badge.state, entry.row, connection_status(), request_time())
    return f"{words} Different: {', '.join(entry.changed_fields)}." if entry.changed_fields else words


def _next_attempt(row: PushState | None, badge: Badge | None) -> datetime | None:
    if row is None or badge is None or badge.state not in {SyncState.WAITING, SyncState.PAUSED}:
        return None
    connection, now = connection_status().connection, request_time()
    waits = [row.next_try_at, connection.paused_until if connection else None]
    return max((until for until in waits if until is not None and until > now), default=None)
