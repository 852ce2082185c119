"""Times on screen: with a 12-hour clock, in the business's time zone, and the day where it is not today's."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st

from posxero.web import times
from posxero.web.request_time import REQUEST_TIME_KEY

NOW = datetime(2026, 11, 30, 20, tzinfo=UTC)  # 1 December, 9:00 am in Auckland
AUCKLAND = "Pacific/Auckland"


@pytest.fixture
def in_auckland() -> Iterator[None]:
    with Flask(__name__).test_request_context(environ_base={REQUEST_TIME_KEY: NOW}):
        g.business = SimpleNamespace(timezone=AUCKLAND)
        yield


@pytest.mark.usefixtures("in_auckland")
@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=26), "today 8:34 am"),
        (timedelta(hours=9), "today 12:00 am"),
        (timedelta(hours=9, minutes=1), "yesterday 11:59 pm"),
        (timedelta(hours=20, minutes=59), "yesterday 12:01 pm"),
        (timedelta(days=1, hours=9, minutes=1), "29 Nov 2026, 11:59 pm"),
        (timedelta(days=18, hours=22, minutes=19), "12 Nov 2026, 10:41 am"),
        (timedelta(hours=-4), "today 1:00 pm"),
        (timedelta(days=-1), "tomorrow 9:00 am"),
        (timedelta(days=-60), "30 Jan 2027, 9:00 am"),
    ],
)
def test_when_something_was_or_will_be(ago: timedelta, said: str) -> None:
    assert times.format_time(NOW - ago) == said
    assert times.format_time_in(NOW - ago, NOW, AUCKLAND) == said


@pytest.mark.usefixtures("in_auckland")
@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=4), "at 9:04 am"),
        (timedelta(seconds=59), "within a minute"),
        (timedelta(minutes=-4), "within a minute"),
        (timedelta(hours=15), "tomorrow at 12:00 am"),
        (timedelta(days=2, hours=3, minutes=30), "on 3 December at 12:30 pm"),
    ],
)
def test_when_something_will_be_in_a_sentence(ahead: timedelta, said: str) -> None:
    assert times.upcoming(NOW + ahead) == said


@pytest.mark.usefixtures("in_auckland")
def test_when_a_draft_was_begun() -> None:
    assert times.when_started(NOW - timedelta(minutes=26)) == "at 8:34 am"
    assert times.when_started(NOW - timedelta(days=2)) == "at 9:00 am on Sunday 29 November"


@pytest.mark.parametrize(("timezone", "said"), [(AUCKLAND, "today 9:00 am"), ("", "today 8:00 pm")])
def test_without_a_time_zone_it_is_utc(timezone: str, said: str) -> None:
    assert times.format_time_in(NOW, NOW, timezone) == said


@given(
    st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["", AUCKLAND, "America/New_York"]),
)
def test_every_time_reads_as_people_say_it(at: datetime, timezone: str) -> None:
    for said in (times.format_time_in(at, at, timezone).removeprefix("today "), times.since(at, at, timezone)):
        assert re.fullmatch(r"([1-9]|1[0-2]):[0-5][0-9] [ap]m", said)
