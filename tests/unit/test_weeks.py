"""Weeks begin on Monday at midnight where the shop is, also where the clocks are changed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from posxero.domain.weeks import WEEK, Week

AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(("day", "monday"), [(23, 23), (24, 23), (29, 23), (30, 30)])
def test_a_week_is_known_by_its_monday(day: int, monday: int) -> None:
    week = Week.of(date(2026, 11, day), AUCKLAND)
    assert (week.monday, week.sunday) == (
        date(2026, 11, monday),
        date(2026, 11, monday).replace(day=monday) + 6 * (WEEK / 7),
    )
    assert week.earlier.later == week


@pytest.mark.parametrize(
    ("monday", "hours"),
    [(date(2026, 11, 23), 168), (date(2026, 9, 21), 167), (date(2026, 3, 30), 169)],
    ids=["ordinary", "summer time begins", "summer time ends"],
)
def test_its_length_follows_the_clocks(monday: date, hours: int) -> None:
    week = Week(monday, AUCKLAND)
    assert (week.ended_at - week.began_at).total_seconds() == hours * 3600
    assert week.ended_at == week.later.began_at


def test_it_begins_at_midnight_where_the_shop_is() -> None:
    assert Week(date(2026, 11, 23), AUCKLAND).began_at == datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
