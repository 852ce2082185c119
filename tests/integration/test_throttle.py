"""Gates that close after failures: the same in Redis and in the memory of a process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from structlog.testing import capture_logs

from posxero.services.accounts.throttle.counters import RedisCounters, SharedCounters
from posxero.services.accounts.throttle.gates import Gate, counter
from posxero.services.accounts.throttle.memory import MemoryCounters
from posxero.services.accounts.throttle.sign_in import Attempt, SignInThrottle, TooManyTries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posxero.services.accounts.throttle.counters import Counters

NOW = datetime(2026, 11, 26, 8, 34, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GATE = Gate("gate", free=3, first_wait=MINUTE, longest_wait=5 * MINUTE, drain=HOUR)


@pytest.fixture(params=["redis", "memory"])
def counters(request: pytest.FixtureRequest) -> Iterator[Counters]:
    if request.param == "memory":
        yield MemoryCounters()
        return
    with Redis.from_url(request.getfixturevalue("redis_url")) as redis:
        yield RedisCounters(redis)


def waits(counters: Counters, seconds: list[int], gate: Gate = GATE) -> list[int]:
    """Attempt once at each of the seconds; return how many seconds each had to wait."""
    return [round(counters.reserve([gate], NOW + at * SECOND).wait / SECOND) for at in seconds]


def test_each_failure_doubles_the_wait_up_to_the_longest(counters: Counters) -> None:
    assert waits(counters, [0, 1, 2]) == [0, 0, 0]
    assert waits(counters, [3, 62]) == [59, 0]
    assert waits(counters, [63, 182]) == [119, 0]
    assert waits(counters, [183, 422]) == [239, 0]
    assert waits(counters, [423]) == [299], "five minutes are the longest"


def test_what_was_refused_does_not_count(counters: Counters) -> None:
    assert waits(counters, [0, 1, 2, 3, 4, 5, 6, 62, 63]) == [0, 0, 0, 59, 58, 57, 56, 0, 119]


def test_failures_are_forgotten_in_time(counters: Counters) -> None:
    waits(counters, [0, 1, 2])
    assert counters.level(GATE, NOW + 2 * HOUR) == pytest.approx(1, abs=0.01)
    assert waits(counters, [7200, 7201]) == [0, 0]
    assert waits(counters, [7202]) == [59], "one of the three was not forgotten"


def test_a_right_attempt_is_taken_back_and_others_stay(counters: Counters) -> None:
    waits(counters, [0, 1, 2])
    counters.forgive([GATE.key])
    assert counters.level(GATE, NOW + 2 * SECOND) == pytest.approx(2, abs=0.01)
    assert waits(counters, [3, 4]) == [0, 59]
    counters.clear([GATE.key])
    assert waits(counters, [5, 6, 7, 8]) == [0, 0, 0, 59]


def test_one_closed_gate_stops_an_attempt_and_no_gate_counts_it(counters: Counters) -> None:
    count = counter("count", drain=HOUR)
    waits(counters, [0, 1, 2])
    passage = counters.reserve([count, GATE], NOW + 3 * SECOND)
    assert (passage.closed, passage.failures["count"]) == (GATE.key, 0)
    assert counters.reserve([count], NOW + 3 * SECOND).failures == {"count": 1}


def test_attempts_at_once_do_not_slip_through(counters: Counters) -> None:
    with ThreadPoolExecutor(8) as pool:
        passages = list(pool.map(lambda _: counters.reserve([GATE], NOW), range(40)))
    assert sum(not passage.closed for passage in passages) == GATE.free


def test_a_clock_that_was_put_back_locks_nobody_out(counters: Counters) -> None:
    assert waits(counters, [3600, 3601, 3602]) == [0, 0, 0]
    assert waits(counters, [10]) == [0]


def test_first_is_said_once_in_a_while(counters: Counters) -> None:
    said = [counters.first("alert", HOUR, NOW), counters.first("alert", HOUR, NOW), counters.first("other", HOUR, NOW)]
    assert said == [True, False, True]


def test_the_memory_of_a_process_stays_small() -> None:
    counters = MemoryCounters(keys_max=10)
    for number in range(100):
        counters.reserve([Gate(f"gate {number}", 3, MINUTE, HOUR, HOUR)], NOW)
        counters.first(f"key {number}", HOUR, NOW)
    assert counters.size() <= 20


def test_redis_holds_neither_emails_nor_addresses_and_forgets(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        throttle = SignInThrottle(SharedCounters(redis), "secret")
        attempt = Attempt("olive@shop.example", "hash", "203.0.113.7")
        for _ in range(5):
            throttle.admit(attempt, NOW)
        with pytest.raises(TooManyTries):
            throttle.admit(attempt, NOW)
        kept = [(key, redis.pttl(key)) for key in redis.keys("*")]
        assert len(kept) >= 3
        assert [key for key, lives in kept if lives <= 0] == []
        assert not any(word in key for key, _ in kept for word in (b"olive", b"203", b"hash"))


def test_redis_that_is_away_is_asked_once_and_again_after_a_while() -> None:
    moments = iter([0.0, *[1.0] * 9, 3.5, 3.5])
    with Redis.from_url("redis://127.0.0.1:1/0") as redis, capture_logs() as lines:
        counters = SharedCounters(redis, clock=lambda: next(moments))
        assert waits(counters, [0, 1, 2, 3]) == [0, 0, 0, 59]
        counters.clear([GATE.key])
        assert waits(counters, [4, 5, 6]) == [0, 0, 0]
        assert len(lines) == 1
        counters.forgive([GATE.key])
    assert len(lines) == 2


def test_an_attack_goes_on_slowly_and_the_owner_is_told_once(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        throttle = SignInThrottle(SharedCounters(redis), "secret")
        told = [
            throttle.admit(Attempt("olive@shop.example", "hash", f"203.0.113.{number}"), NOW) for number in range(60)
        ]
    assert sum(one.alert for one in told) == 1
    assert sum(one.record for one in told) == 21, "twenty one by one, and then one a minute"
