"""Replace what the product's modules take from outside: time and chance. Everything else of a world is an argument."""

from __future__ import annotations

import random
import sys
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

import uuid_utils

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.simulation.clock import VirtualClock

PRACTICE = "posxero.practice"  # gets its clock as an argument


class Ids:
    """Random ids that are the same for the same seed."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._last = 0

    def uuid4(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def uuid7(self) -> UUID:
        """Return an id that is greater than every earlier one, as those of `uuid_utils.uuid7` are."""
        self._last += 1
        return UUID(int=self._last << 80 | self._chance.getrandbits(62))


@contextmanager
def time_and_chance(clock: VirtualClock, seed: int) -> Iterator[None]:
    """Let the product's modules read `clock`, and draw ids and jitter from `seed`."""
    ids, state = Ids(random.Random(f"ids of {seed}")), random.getstate()
    replaced = list(
        _replace({"time": (time, clock), "uuid4": (uuid.uuid4, ids.uuid4), "uuid_utils": (uuid_utils, ids)})
    )
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
        for module, name, original in replaced:
            setattr(module, name, original)


def _replace(replacements: dict[str, tuple[object, object]]) -> Iterator[tuple[ModuleType, str, Any]]:
    for path, module in list(sys.modules.items()):
        if not path.startswith("posxero."):
            continue
        for name, (original, replacement) in replacements.items():
            if vars(module).get(name) is original and not (name == "time" and path.startswith(PRACTICE)):
                setattr(module, name, replacement)
                yield module, name, original
