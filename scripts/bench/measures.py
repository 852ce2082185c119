"""Clocks and tables. Seconds drift by the hour on a shared machine: only ratios within one run count."""

from __future__ import annotations

import gc
import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MS, US = 1e3, 1e6  # per second


@dataclass
class Spent:
    """Seconds: by the clock, and of this process's own work."""

    wall: float = 0
    cpu: float = 0


@contextmanager
def spent() -> Iterator[Spent]:
    """Measure the block; the answer is filled in at its end. What was there before is frozen, as workers do."""
    found = Spent()
    gc.collect()
    gc.freeze()
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found.wall, found.cpu = time.perf_counter() - wall, time.process_time() - cpu
    gc.unfreeze()


def times(call: Callable[[str], object], arguments: Iterable[str]) -> list[Spent]:
    """Call once for each argument; return what each call took."""
    found = []
    for argument in arguments:
        wall, cpu = time.perf_counter(), time.process_time()
        call(argument)
        found.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))
    return found


def share(values: Sequence[float], part: float) -> float:
    """Return the smallest value that a part of all do not exceed (the nearest rank): 0.5 is the median."""
    return sorted(values)[max(0, math.ceil(len(values) * part) - 1)]


def percentiles(taken: Sequence[Spent]) -> tuple[str, str]:
    """Write p50 and p99 in milliseconds: by the clock, and of our own work."""
    both = [one.wall for one in taken], [one.cpu for one in taken]
    wall, cpu = (f"{share(values, 0.5) * MS:.1f} / {share(values, 0.99) * MS:.1f}" for values in both)
    return wall, cpu


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a head."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print()
    for first, *rest in lines:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]), flush=True)
