"""Weeks of a business: they begin on Monday at midnight in its own time zone, whatever the clocks do meanwhile."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

WEEK = timedelta(weeks=1)
DAY = timedelta(days=1)


class Week(NamedTuple):
    """One week, by its Monday, in a time zone."""

    monday: date
    zone: ZoneInfo

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> Self:
        """Return the week of a day."""
        return cls(day - day.weekday() * DAY, zone)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + 6 * DAY

    @property
    def began_at(self) -> datetime:
        """When it begins, in UTC."""
        return self._midnight(self.monday)

    @property
    def ended_at(self) -> datetime:
        """When the next one begins, in UTC."""
        return self._midnight(self.monday + WEEK)

    @property
    def earlier(self) -> Self:
        """The week before."""
        return self._replace(monday=self.monday - WEEK)

    @property
    def later(self) -> Self:
        """The week after."""
        return self._replace(monday=self.monday + WEEK)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)
