"""The query string of Sync activity: the tab, the filters, and where the page begins."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from flask import g, url_for

from posxero.domain.query import LENGTH_MAX
from posxero.services.imports.queries import FROM_FILE, FROM_XERO
from posxero.services.push.feed.entries import PAGE_SIZE, PageRequest
from posxero.services.push.feed.filters import CONNECTION, FeedFilter
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.feed.tabs import Tab
from posxero.services.push.kinds import KINDS
from posxero.web.htmx import request
from posxero.web.numbers import parse_int

MAX_SKIPPED_PAGES: Final = 400  # of an address without a position; the links that the page draws carry one
DAY: Final = timedelta(days=1)
KIND_LABELS: Final = {kind.name: kind.feed.label for kind in KINDS} | {CONNECTION: "Connection to Xero"}
IMPORT_LABELS: Final = {FROM_XERO: "Import from Xero", FROM_FILE: "Import from a file"}


class FeedQuery(NamedTuple):
    """What a person asked for. An invalid parameter is ignored.

    Attributes:
        since: The first day.
        until: The last day.
        after: The position after which the page begins; None for the first page.
    """

    tab: Tab
    kind: str = ""
    person: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1
    after: FeedPosition | None = None

    @classmethod
    def from_request(cls) -> Self:
        """Parse the query string, or the form that carries it."""
        args, kind = request.values, request.values.get("kind", "")
        asked = args.get("state", "")
        tab = Tab(asked) if asked in set(Tab) else Tab.ATTENTION
        return cls(
            tab=tab,
            kind=kind if kind in kinds_of(tab) else "",
            person=args.get("person", "").strip()[:255],
            text=args.get("q", "").strip()[:LENGTH_MAX],
            since=_parse_day(args.get("from", "")),
            until=_parse_day(args.get("to", "")),
            page=max(1, parse_int(args.get("page"), 1)),
            after=FeedPosition.parse(args.get("after", "")),
        )

    @property
    def has_days(self) -> bool:
        """Whether the tab can be narrowed by days: what was done can, what is the case now cannot."""
        return self.tab in {Tab.DONE, Tab.IMPORTS}

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kinds to choose from, by their labels."""
        return kinds_of(self.tab)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return len(self.params) > 1

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the list that differ from the defaults, the tab first."""
        days = {"from": self.since, "to": self.until} if self.has_days else {}
        asked = {"kind": self.kind, "person": self.person, "q": self.text}
        asked |= {name: day.isoformat() for name, day in days.items() if day}
        return {"state": self.tab.value} | {name: value for name, value in asked.items() if value}

    def url(self, endpoint: str = ".index", **more: Any) -> str:
        """Return the address of a view for this list."""
        values: dict[str, Any] = {**self.params, **more}
        return url_for(endpoint, **values)

    def url_of(self, tab: Tab) -> str:
        """Return the address of another tab, narrowed in the same way as far as it can be."""
        return self._replace(tab=tab, kind=self.kind if self.kind in kinds_of(tab) else "").url()

    def url_after(self, last: FeedPosition) -> str:
        """Return the address of the next page."""
        return self.url(page=self.page + 1, after=last.to_text())

    def to_filter(self) -> FeedFilter:
        """Return what the services look for: whole days of the business's time zone."""
        days = self.has_days
        return FeedFilter(
            kind=self.kind,
            person=self.person,
            text=self.text,
            since=_midnight(self.since) if days and self.since else None,
            until=_midnight(self.until + DAY) if days and self.until else None,
        )

    def to_page(self) -> PageRequest:
        """Return which part of the list is asked for."""
        if self.after is not None:
            return PageRequest(self.after)
        return PageRequest(skip=min(self.page - 1, MAX_SKIPPED_PAGES) * PAGE_SIZE)


def kinds_of(tab: Tab) -> Mapping[str, str]:
    """Return the kinds of a tab, by their labels."""
    return IMPORT_LABELS if tab is Tab.IMPORTS else KIND_LABELS


def _parse_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2999, 12, 31) else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(g.business.timezone or "UTC")).astimezone(UTC)
