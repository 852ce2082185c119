"""Times on screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from posxero.web.times import day, words
from posxero.web.waits import duration_words

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)  # 00:30 of the 24th in Auckland


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 23, 11, 5, tzinfo=UTC), "today 00:05"),
        (datetime(2026, 11, 23, 10, 42, tzinfo=UTC), "yesterday 23:42"),
        (datetime(2026, 11, 24, 11, 30, tzinfo=UTC), "tomorrow 00:30"),
        (datetime(2026, 11, 11, 21, 41, tzinfo=UTC), "12 Nov 2026 10:41"),
        (datetime(2025, 11, 23, 11, 5, tzinfo=UTC), "24 Nov 2025 00:05"),
    ],
)
def test_a_time_is_said_as_the_shop_says_it(at: datetime, said: str) -> None:
    assert words(at, NOW, "Pacific/Auckland") == said


def test_a_shop_without_a_time_zone_is_on_utc() -> None:
    assert words(datetime(2026, 11, 23, 11, 5, tzinfo=UTC), NOW, "") == "today 11:05"


def test_a_day_is_said_with_its_name() -> None:
    assert day(datetime(2026, 12, 2, 11, 30, tzinfo=UTC), "Pacific/Auckland") == "Thursday 3 December"
    assert day(datetime(2026, 12, 2, 11, 30, tzinfo=UTC), "") == "Wednesday 2 December"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(900, "15 minutes"), (43200, "12 hours"), (3600, "1 hour"), (90, "90 seconds"), (1, "1 second")],
)
def test_a_duration_is_told_in_its_largest_whole_unit(seconds: int, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words
