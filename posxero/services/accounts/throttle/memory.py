"""Counts of failures in the memory of one process."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from posxero.services.accounts.throttle.gates import Gate, Passage

KEYS_MAX = 20_000  # gates that are remembered, some 5 MB; the one that was used longest ago is forgotten first
NO_WAIT = timedelta(0)


@dataclass(slots=True)
class _Count:
    level: float
    at: datetime
    open_at: datetime
    failures: int = 0


class MemoryCounters:
    """Counters of one process; those of other processes know nothing of them."""

    def __init__(self, keys_max: int = KEYS_MAX) -> None:
        self._keys_max = keys_max
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._once: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def reserve(self, gates: Sequence[Gate], now: datetime) -> Passage:
        """Count an attempt as a failure at every gate; count nothing if one is closed."""
        with self._lock:
            found = [(gate, self._drained(gate, now)) for gate in gates]
            waits = [(count.open_at - now, gate) for gate, count in found]
            closing = [(wait, gate.key) for wait, gate in waits if NO_WAIT < wait <= gate.longest_wait]
            wait, closed = max(closing, default=(NO_WAIT, ""))
            if not closed:
                for gate, count in found:
                    count.level, count.failures, count.at = count.level + 1, count.failures + 1, now
                    count.open_at = now + gate.wait_at(count.level)
                    self._keep(gate.key, count)
            return Passage(wait, closed, {gate.key: count.failures for gate, count in found})

    def forgive(self, keys: Sequence[str]) -> None:
        """Take one failure back at each gate and open it."""
        with self._lock:
            for count in (self._counts[key] for key in keys if key in self._counts):
                count.level, count.failures = max(0, count.level - 1), max(0, count.failures - 1)
                count.open_at = count.at

    def clear(self, keys: Sequence[str]) -> None:
        """Forget everything at these gates."""
        with self._lock:
            for key in keys:
                self._counts.pop(key, None)

    def level(self, gate: Gate, now: datetime) -> float:
        """Return the level of a gate."""
        with self._lock:
            return self._drained(gate, now).level

    def first(self, key: str, within: timedelta, now: datetime) -> bool:
        """Return whether this was not asked for the key before, within a time."""
        with self._lock:
            until = self._once.get(key)
            if until is not None and now < until <= now + within:
                return False
            self._once[key] = now + within
            self._once.move_to_end(key)
            while len(self._once) > self._keys_max:
                self._once.popitem(last=False)
            return True

    def size(self) -> int:
        """Return how many keys are remembered."""
        return len(self._counts) + len(self._once)

    def _drained(self, gate: Gate, now: datetime) -> _Count:
        """Return the count of a gate as of now, which `_keep` stores; nothing is stored yet."""
        count = self._counts.get(gate.key)
        if count is None:
            return _Count(0, now, now)
        level = max(0, count.level - max(NO_WAIT, now - count.at) / gate.drain)
        return _Count(level, count.at, count.open_at, count.failures if level else 0)

    def _keep(self, key: str, count: _Count) -> None:
        self._counts[key] = count
        self._counts.move_to_end(key)
        while len(self._counts) > self._keys_max:
            self._counts.popitem(last=False)
