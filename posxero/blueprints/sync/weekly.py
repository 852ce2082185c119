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
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.feed.weekly import PAGE_SIZE, PushedChange
from posxero.web.htmx import render, request
from posxero.web.numbers import parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed
from posxero.web.times import calendar_date

CONTACT: Final = "contact"  # `?by=` for the order by name
Row = tuple[PushedChange, bool]  # and whether the row before names the same contact

FIRST: Final = date(2000, 1, 3)  # a Monday
LAST: Final = date(2999, 12, 23)  # another; the week after has dates, too


class WeekQuery(NamedTuple):
    """What a request asks for: week, order, and after which entry the page begins. What is invalid is ignored."""

    week: Week
    current: Week
    is_by_contact: bool
    after: str

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
        return cls(Week.of(day, zone), current, request.args.get("by") == CONTACT, request.args.get("after", ""))

    @property
    def earlier(self) -> str:
        """The address of the week before; "" for none."""
        return self._url(self.week.earlier) if self.week.monday > FIRST else ""

    @property
    def later(self) -> str:
        """The address of the week after; "" when that has not begun."""
        return self._url(self.week.later) if self.week.monday < self.current.monday else ""

    @property
    def by_day(self) -> str:
        """The address of the week, day by day."""
        return self._url(self.week, by=None)

    @property
    def by_contact(self) -> str:
        """The address of the week, customer by customer."""
        return self._url(self.week, by=CONTACT)

    def changes(self) -> list[PushedChange]:
        """List the page, and one more when there are more."""
        span = (self.week.began_at, self.week.ended_at)
        if self.is_by_contact:
            return digest.list_by_contact(db.session, g.business.id, *span, after=parse_uuid(self.after))
        return digest.list_changes(db.session, g.business.id, *span, after=FeedPosition.parse(self.after))

    def url_after(self, last: PushedChange) -> str:
        """Return the address of the next page."""
        return self._url(self.week, after=str(last.entry.id) if self.is_by_contact else last.position.to_text())

    def _url(self, week: Week, **more: Any) -> str:
        by = {"by": CONTACT if self.is_by_contact else None}
        return url_for(".weekly", week=week.monday.isoformat(), **by | more)


@bp.get("/weekly")
@allowed(Right.AUDIT)
def weekly() -> ResponseReturnValue:
    """Show one page of a week."""
    query = WeekQuery.from_request()
    found = query.changes()
    changes = found[:PAGE_SIZE]
    return render(
        "sync/weekly.html",
        query=query,
        groups=_by_contact(changes) if query.is_by_contact else _by_day(changes, query.week.zone),
        totals=digest.add_up(db.session, g.business.id, query.week.began_at, query.week.ended_at),
        more=query.url_after(changes[-1]) if len(found) > PAGE_SIZE else "",
        wording=wording,
    )


def _by_day(changes: Sequence[PushedChange], zone: ZoneInfo) -> list[tuple[str, list[Row]]]:
    """Return a table of each day."""
    days = groupby(changes, key=lambda change: change.entry.at.astimezone(zone).date())
    return [(f"{day:%A} {calendar_date(day)}", [(one, False) for one in of_day]) for day, of_day in days]


def _by_contact(changes: Sequence[PushedChange]) -> list[tuple[str, list[Row]]]:
    """Return one table, in which each contact is named once."""
    before = [None, *(one.entry.contact_id for one in changes)]
    rows = [(one, one.entry.contact_id == last) for one, last in zip(changes, before, strict=False)]
    return [("By customer and supplier", rows)] if rows else []
