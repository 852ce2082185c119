"""What Retail POS changed in Xero in one week, and by whom: for the bookkeeper, also on paper."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sync import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.weeks import Week
from posxero.services.contacts.history import wording
from posxero.services.push.feed import weekly as digest
from posxero.services.push.feed.position import Position
from posxero.services.push.feed.weekly import PAGE_SIZE, PushedChange
from posxero.web.htmx import render, request
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed

FIRST: Final = date(2000, 1, 3)  # a Monday
LAST: Final = date(2999, 12, 23)  # another; the week after has dates, too


class WeekQuery(NamedTuple):
    """What a request asks for: the week, and after which entry its page begins. What is invalid is ignored."""

    week: Week
    current: Week
    after: Position | None

    @classmethod
    def from_request(cls) -> Self:
        """Parse the query string."""
        zone = ZoneInfo(g.business.timezone or "UTC")
        current = Week.of(request_time().astimezone(zone).date(), zone)
        try:
            asked = date.fromisoformat(request.args.get("week", ""))
        except ValueError:
            asked = current.monday
        day = min(max(asked, FIRST), current.monday, LAST)
        return cls(Week.of(day, zone), current, Position.parse(request.args.get("after", "")))

    @property
    def earlier(self) -> str:
        """The address of the week before; "" for none."""
        return self._url(self.week.earlier) if self.week.monday > FIRST else ""

    @property
    def later(self) -> str:
        """The address of the week after; "" when that has not begun."""
        return self._url(self.week.later) if self.week.monday < self.current.monday else ""

    def url_after(self, last: PushedChange) -> str:
        """Return the address of the next page."""
        return self._url(self.week, after=last.position.to_text())

    def _url(self, week: Week, **more: Any) -> str:
        return url_for(".weekly", week=week.monday.isoformat(), **more)


@bp.get("/weekly")
@allowed(Right.AUDIT)
def weekly() -> ResponseReturnValue:
    """Show one page of a week."""
    query = WeekQuery.from_request()
    span = (query.week.began_at, query.week.ended_at)
    found = digest.list_changes(db.session, g.business.id, *span, after=query.after)
    changes = found[:PAGE_SIZE]
    return render(
        "sync/weekly.html",
        query=query,
        days=_by_day(changes, query.week.zone),
        totals=digest.add_up(db.session, g.business.id, *span),
        more=query.url_after(changes[-1]) if len(found) > PAGE_SIZE else "",
        wording=wording,
    )


def _by_day(changes: Sequence[PushedChange], zone: ZoneInfo) -> list[tuple[date, list[PushedChange]]]:
    days = groupby(changes, key=lambda change: change.entry.at.astimezone(zone).date())
    return [(day, list(of_day)) for day, of_day in days]
