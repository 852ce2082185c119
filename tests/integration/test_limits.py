"""The count of calls to Xero, on a real Valkey."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from redis import Redis

from posxero.settings import Settings
from posxero.xero.errors import Limited, OutcomeUnknown
from posxero.xero.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

TENANT = uuid4()
KNOWN = "posxero:limits:app:known"


@pytest.fixture
def make(environment: dict[str, str], redis_url: str) -> Callable[..., Limits]:
    """Make limits of a server that has known our calls for long; `fresh` for one that just began."""

    def limits(*, fresh: bool = False, **changes: str) -> Limits:
        if not fresh:
            with Redis.from_url(redis_url) as redis:
                redis.set(KNOWN, 0)
        extra = {f"POSXERO_XERO_{name.upper()}_LIMIT": value for name, value in changes.items()}
        return Limits.connect(Settings.from_env({**environment, **extra, "POSXERO_REDIS_URL": redis_url}))

    return limits


def granted(limits: Limits, tries: int, *, tenant: UUID = TENANT, is_background: bool = False) -> tuple[int, str]:
    """Make calls one after the other; say how many went and why the next did not."""
    for number in range(tries):
        try:
            with limits.slot(tenant, is_background=is_background):
                pass
        except Limited as error:
            return number, error.limit
    return tries, ""


def test_55_a_minute_and_no_more(make: Callable[..., Limits]) -> None:
    assert granted(make(), 70) == (55, "minute")


def test_imports_leave_ten_a_minute_to_people(make: Callable[..., Limits]) -> None:
    limits = make()
    assert granted(limits, 70, is_background=True) == (45, "minute")
    assert granted(limits, 70) == (10, "minute")


def test_what_people_use_of_their_ten_takes_nothing_from_imports(make: Callable[..., Limits]) -> None:
    limits = make()
    assert granted(limits, 8) == (8, "")
    assert granted(limits, 70, is_background=True) == (45, "minute")
    assert granted(limits, 70) == (2, "minute")


def test_people_who_use_more_than_ten_keep_two_ahead_of_imports(make: Callable[..., Limits]) -> None:
    limits = make()
    assert granted(limits, 20) == (20, "")
    assert granted(limits, 70, is_background=True) == (33, "minute")
    assert granted(limits, 70) == (2, "minute")


def test_the_wait_is_until_a_call_is_a_minute_old(make: Callable[..., Limits]) -> None:
    limits = make()
    granted(limits, 70)
    with pytest.raises(Limited) as caught, limits.slot(TENANT):
        pass
    assert timedelta(seconds=40) < caught.value.wait <= timedelta(seconds=60)


def test_each_organisation_has_its_own(make: Callable[..., Limits]) -> None:
    limits = make()
    granted(limits, 70)
    assert granted(limits, 3, tenant=uuid4()) == (3, "")


def test_four_at_once_and_three_for_imports(make: Callable[..., Limits]) -> None:
    limits = make()
    with ExitStack() as in_flight:
        for _ in range(3):
            in_flight.enter_context(limits.slot(TENANT, is_background=True))
        assert granted(limits, 1, is_background=True) == (0, "concurrent")
        in_flight.enter_context(limits.slot(TENANT))
        assert granted(limits, 1) == (0, "concurrent")
    assert granted(limits, 1) == (1, "")


def test_sixteen_processes_together_stay_within(make: Callable[..., Limits], redis_url: str) -> None:
    limits = make()
    with ThreadPoolExecutor(16) as many:
        counts = list(many.map(lambda _: granted(limits, 20)[0], range(16)))
    with Redis.from_url(redis_url) as redis:
        assert redis.zcard(f"posxero:limits:{TENANT}:minute") == sum(counts) <= 55


def test_a_place_is_kept_while_the_outcome_is_unknown(make: Callable[..., Limits]) -> None:
    limits = make(concurrent="2")
    with pytest.raises(OutcomeUnknown), limits.slot(TENANT):
        raise OutcomeUnknown("no answer")
    assert granted(limits, 1) == (0, "concurrent")


def test_a_place_is_given_back_after_any_other_error(make: Callable[..., Limits]) -> None:
    limits = make(concurrent="2")
    with pytest.raises(ZeroDivisionError), limits.slot(TENANT):
        _ = 1 / 0
    assert granted(limits, 1) == (1, "")


def test_the_day_ends_too(make: Callable[..., Limits]) -> None:
    limits = make(day="20")
    assert granted(limits, 30, is_background=True) == (18, "day")
    assert granted(limits, 30) == (2, "day")
    assert limits.used_today(TENANT) == 20


def test_xero_knows_the_day_better(make: Callable[..., Limits]) -> None:
    limits = make()
    granted(limits, 3)
    limits.observe_headers(TENANT, {"X-DayLimit-Remaining": "4000"})
    assert limits.used_today(TENANT) == 1000
    limits.observe_headers(TENANT, {"X-DayLimit-Remaining": "0"})
    assert granted(limits, 1) == (0, "day")
    limits.observe_headers(TENANT, {"X-DayLimit-Remaining": "4999"})
    assert granted(limits, 1) == (1, "")


def test_a_minute_that_xero_counts_fuller_is_filled_up(make: Callable[..., Limits]) -> None:
    limits = make()
    granted(limits, 2)
    limits.observe_headers(TENANT, {"X-MinLimit-Remaining": "10"})
    assert granted(limits, 70) == (5, "minute")


def test_a_minute_that_xero_counts_emptier_stays(make: Callable[..., Limits]) -> None:
    limits = make()
    granted(limits, 50)
    limits.observe_headers(TENANT, {"X-MinLimit-Remaining": "59"})
    assert granted(limits, 70) == (5, "minute")


def test_a_refused_minute_is_over_when_xero_said(make: Callable[..., Limits], redis_url: str) -> None:
    limits = make()
    granted(limits, 2)
    wait = timedelta(seconds=14)
    limits.observe_headers(TENANT, {"X-MinLimit-Remaining": "0", "X-Rate-Limit-Problem": "minute", "Retry-After": "14"})
    assert limits.block(TENANT, "minute", wait) == wait
    assert granted(limits, 1) == (0, "minute")
    with Redis.from_url(redis_url) as redis:
        redis.delete(f"posxero:limits:{TENANT}:blocked")  # as after 14 seconds
    assert granted(limits, 70) == (53, "minute")  # our own two are remembered


def test_strange_headers_change_nothing(make: Callable[..., Limits]) -> None:
    limits = make()
    limits.observe_headers(TENANT, {"X-MinLimit-Remaining": "many", "X-DayLimit-Remaining": "-1"})
    assert granted(limits, 1) == (1, "")


def test_retry_after_stops_that_organisation_only(make: Callable[..., Limits]) -> None:
    limits = make()
    limits.block(TENANT, "day", timedelta(seconds=600))
    with pytest.raises(Limited) as caught, limits.slot(TENANT):
        pass
    assert (caught.value.limit, caught.value.wait > timedelta(seconds=590)) == ("day", True)
    assert granted(limits, 1, tenant=uuid4()) == (1, "")


def test_the_apps_minute_stops_every_organisation(make: Callable[..., Limits]) -> None:
    limits = make()
    limits.block(TENANT, "appminute", timedelta(seconds=10))
    assert granted(limits, 1, tenant=uuid4()) == (0, "appminute")


@pytest.mark.parametrize(
    ("asked", "taken"), [(0, 1), (0.2, 1), (30, 30), (10**6, 86400)], ids=["zero", "less", "usual", "absurd"]
)
def test_retry_after_is_believed_within_reason(make: Callable[..., Limits], asked: float, taken: float) -> None:
    assert make().block(TENANT, "minute", timedelta(seconds=asked)) == timedelta(seconds=taken)


def test_a_server_that_forgot_starts_with_half(make: Callable[..., Limits], redis_url: str) -> None:
    limits = make(fresh=True)
    assert granted(limits, 70) == (28, "minute")
    with Redis.from_url(redis_url) as redis:
        seconds, _ = redis.time()
        redis.set(KNOWN, (seconds - 61) * 1000)
    assert granted(limits, 70) == (27, "minute")


def test_without_redis_nothing_is_sent(environment: dict[str, str]) -> None:
    away = {**environment, "POSXERO_REDIS_URL": "unix:///nowhere/valkey.sock"}
    for limits in (Limits.connect(Settings.from_env(away)), Limits.connect(Settings.from_env(environment))):
        assert granted(limits, 1) == (0, "redis")
        assert limits.used_today(TENANT) is None
        limits.observe_headers(TENANT, {"X-DayLimit-Remaining": "5"})
        assert limits.block(TENANT, "day", timedelta(seconds=5)) == timedelta(seconds=5)


def pass_time(redis_url: str, passed: timedelta) -> None:
    """Let what Redis keeps for a while be so much older."""
    with Redis.from_url(redis_url) as redis:
        for key in list(redis.scan_iter("posxero:limits:*")):
            left = timedelta(milliseconds=redis.pttl(key))
            if left > passed:
                redis.pexpire(key, left - passed)
            elif left >= timedelta():
                redis.delete(key)


def test_a_refused_day_is_over_when_xero_said(make: Callable[..., Limits], redis_url: str) -> None:
    limits, wait = make(), timedelta(hours=2)
    assert granted(limits, 1) == (1, "")  # our day begins; Xero's began twenty-two hours ago
    limits.observe_headers(TENANT, {"X-DayLimit-Remaining": "0", "X-Rate-Limit-Problem": "day", "Retry-After": "7200"})
    assert limits.block(TENANT, "day", wait) == wait
    pass_time(redis_url, wait)
    assert granted(limits, 1) == (1, "")


@pytest.mark.parametrize(("left", "is_background"), [("0", False), ("400", True)])
def test_whoever_waits_for_the_day_looks_again_within_the_hour(
    make: Callable[..., Limits], left: str, *, is_background: bool
) -> None:
    """Xero's day need not begin with ours."""
    limits = make()
    assert granted(limits, 1) == (1, "")
    limits.observe_headers(TENANT, {"X-DayLimit-Remaining": left})
    with pytest.raises(Limited) as caught, limits.slot(TENANT, is_background=is_background):
        pass
    assert caught.value.limit == "day"
    assert timedelta() < caught.value.wait <= timedelta(hours=1)
