"""Where the counts of failures are kept: in Redis for all processes; in this process's memory while Redis is away."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Protocol, TypeVar, cast

import structlog
from redis import Redis, RedisError

from posxero.services.accounts.throttle.gates import Gate, Passage
from posxero.services.accounts.throttle.memory import MemoryCounters

MILLISECOND = timedelta(milliseconds=1)
PREFIX = "posxero:throttle:"
REDIS_RETRY_DELAY = 2.0  # seconds
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Counters(Protocol):
    """Counts of failures at gates, kept by key."""

    def reserve(self, gates: Sequence[Gate], now: datetime) -> Passage:
        """Count an attempt as a failure at every gate before its outcome is known; count nothing if one is closed."""

    def forgive(self, keys: Sequence[str]) -> None:
        """Take one failure back at each gate and open it: the attempt was right."""

    def clear(self, keys: Sequence[str]) -> None:
        """Forget everything at these gates."""

    def level(self, gate: Gate, now: datetime) -> float:
        """Return the level of a gate."""

    def first(self, key: str, within: timedelta, now: datetime) -> bool:
        """Return whether this was not asked for the key before, within a time."""


class RedisCounters:
    """Counters that every process shares. Each step is one script, so that attempts at once cannot slip through."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        folder = resources.files(__package__)
        self._reserve = redis.register_script(folder.joinpath("reserve.lua").read_text())
        self._forgive = redis.register_script(folder.joinpath("forgive.lua").read_text())

    def reserve(self, gates: Sequence[Gate], now: datetime) -> Passage:
        """Count an attempt; see Counters."""
        arguments = [_milliseconds(now)]
        for gate in gates:
            arguments += [gate.free, *(_whole(one) for one in (gate.first_wait, gate.longest_wait, gate.drain))]
        keys = [PREFIX + gate.key for gate in gates]
        wait, closed, *failures = cast("list[Any]", self._reserve(keys=keys, args=arguments))
        name = gates[int(closed) - 1].key if int(closed) else ""
        counts = {gate.key: int(count) for gate, count in zip(gates, failures, strict=True)}
        return Passage(int(wait) * MILLISECOND, name, counts)

    def forgive(self, keys: Sequence[str]) -> None:
        """Take one failure back; see Counters."""
        self._forgive(keys=[PREFIX + key for key in keys])

    def clear(self, keys: Sequence[str]) -> None:
        """Forget everything at these gates."""
        self._redis.delete(*(PREFIX + key for key in keys))

    def level(self, gate: Gate, now: datetime) -> float:
        """Return the level of a gate."""
        level, at = cast("list[Any]", self._redis.hmget(PREFIX + gate.key, "level", "at"))
        if level is None or at is None:
            return 0
        return max(0.0, float(level) - max(0, _milliseconds(now) - int(at)) / _whole(gate.drain))

    def first(self, key: str, within: timedelta, now: datetime) -> bool:  # noqa: ARG002 - Redis forgets by its own clock
        """Return whether this was not asked for the key before, within a time."""
        return bool(self._redis.set(f"{PREFIX}once:{key}", "1", nx=True, px=_whole(within)))


class SharedCounters:
    """Redis, or this process's own memory whenever Redis does not answer: guessing is never unlimited.

    After an error Redis is left alone for `REDIS_RETRY_DELAY`, so that a page waits for it once and not at each step.
    """

    def __init__(self, redis: Redis | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = RedisCounters(redis) if redis else None
        self._own = MemoryCounters()
        self._clock = clock
        self._ask_again_at = clock()

    def reserve(self, gates: Sequence[Gate], now: datetime) -> Passage:
        """Count an attempt; see Counters."""
        return self._ask(lambda counters: counters.reserve(gates, now))

    def forgive(self, keys: Sequence[str]) -> None:
        """Take one failure back; see Counters."""
        self._ask(lambda counters: counters.forgive(keys))

    def clear(self, keys: Sequence[str]) -> None:
        """Forget everything at these gates."""
        self._ask(lambda counters: counters.clear(keys))

    def level(self, gate: Gate, now: datetime) -> float:
        """Return the level of a gate."""
        return self._ask(lambda counters: counters.level(gate, now))

    def first(self, key: str, within: timedelta, now: datetime) -> bool:
        """Return whether this was not asked for the key before, within a time."""
        return self._ask(lambda counters: counters.first(key, within, now))

    def _ask(self, question: Callable[[Counters], T]) -> T:
        if self._shared is not None and self._clock() >= self._ask_again_at:
            try:
                return question(self._shared)
            except RedisError as error:
                self._ask_again_at = self._clock() + REDIS_RETRY_DELAY
                log.warning("throttle.redis_away", error=type(error).__name__)
        return question(self._own)


def _milliseconds(at: datetime) -> int:
    return math.floor(at.timestamp() * 1000)


def _whole(duration: timedelta) -> int:
    return max(1, duration // MILLISECOND)
