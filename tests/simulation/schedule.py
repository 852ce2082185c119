"""Schedules: drawn from a seed, written as lines, and made shorter where they fail.

Not drawn by hypothesis: a seed names its schedule for good, a soak is a range of numbers, and the time of a run
is known before. A schedule stays valid whatever is left out of it, so that plain delta debugging shrinks it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from tests.simulation.steps import FAULTS, FIELDS, SKEWS, WAITS, Step
from tests.simulation.world import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LENGTHS: Final = (12, 40)  # steps
CUSTOMERS: Final = (0, 0, 0, 1, 1, 2, 3, 4)  # as likely as not the same one again: that is where orders matter
FAVOURITES: Final = tuple(at for at, (kind, _) in enumerate(FAULTS) if kind in {"late", "drop_after"})
ALWAYS: Final = ("run", "edit", "wait")
# Kinds of steps and how often they come, one beside another; each schedule leaves some kinds out.
WEIGHTS: Final[Mapping[str, int]] = {
    "run": 34,
    "finish": 5,
    "kill": 4,
    "edit": 12,
    "open": 3,
    "save": 3,
    "edit_unheard": 2,
    "edit_taken_name": 1,
    "add": 3,
    "send_ours": 1,
    "try_again": 1,
    "edit_in_xero": 2,
    "archive": 1,
    "merge": 1,
    "hear": 4,
    "check": 2,
    "fault": 8,
    "land": 3,
    "expire_tokens": 1,
    "sweep": 6,
    "wait": 8,
    "jump": 1,
    "flush": 1,
    "redis_away": 1,
    "redis_back": 2,
    "lose_hints": 2,
}
SALES_IN: Final = 0.5  # of the schedules
SALE_STEPS: Final = ("charge", "charge", "charge", "charge_new", "void", "pay", "pay", "check_invoices")


def draw(seed: int) -> list[Step]:
    """Return the schedule of a seed."""
    chance = random.Random(f"schedule {seed}")
    kinds = [kind for kind in WEIGHTS if kind in ALWAYS or chance.random() < 0.6]
    weights = [WEIGHTS[kind] for kind in kinds]
    names = chance.choices(kinds, weights, k=chance.randint(*LENGTHS))
    steps = [Step(name, _numbers(name, at, chance)) for at, name in enumerate(names, start=1)]
    return _with_sales(steps, random.Random(f"sales {seed}"))


def shrink(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """Return a part of a failing schedule of which no step can be left out: delta debugging, from halves down."""
    left = list(steps)
    size = max(len(left) // 2, 1)
    while size:
        at = 0
        while at < len(left):
            shorter = left[:at] + left[at + size :]
            if fails(shorter):
                left = shorter
            else:
                at += size
        size //= 2
    return left


def _with_sales(steps: list[Step], chance: random.Random) -> list[Step]:
    """Return a schedule with sales somewhere in it, or without any: what else happens stays as it was drawn."""
    if chance.random() >= SALES_IN:
        return steps
    mixed = list(steps)
    names = ["charge", *chance.choices(SALE_STEPS, k=chance.randint(1, 5))]
    places = sorted(chance.randrange(len(steps)) for _ in names)
    for number, (place, name) in reversed(list(enumerate(zip(places, names, strict=True)))):
        mixed.insert(place, Step(name, _sale_numbers(name, number, chance)))
    return mixed


def _sale_numbers(name: str, number: int, chance: random.Random) -> tuple[int, ...]:
    drawn: dict[str, tuple[int, ...]] = {
        "charge": (chance.choice(CUSTOMERS), number),
        "charge_new": (number,),
        "void": (chance.randrange(3),),
        "pay": (chance.randrange(3), chance.randrange(4)),
    }
    return drawn.get(name, ())


def _numbers(name: str, at: int, chance: random.Random) -> tuple[int, ...]:
    customer, worker = chance.choice(CUSTOMERS), chance.randrange(WORKERS)
    drawn: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(("run", "finish"), (worker,)),
        **dict.fromkeys(("edit", "save", "edit_unheard"), (customer, chance.randrange(len(FIELDS)), at)),
        **dict.fromkeys(("open", "edit_taken_name", "send_ours", "try_again"), (customer,)),
        "kill": (worker, chance.randrange(2)),
        "add": (at,),
        "edit_in_xero": (customer, chance.randrange(2), at),
        "archive": (customer, chance.randrange(2)),
        "merge": (customer, chance.choice(CUSTOMERS)),
        "hear": (customer, chance.randrange(4)),
        "check": (chance.randrange(2),),
        "fault": (chance.choice((chance.randrange(len(FAULTS)), *FAVOURITES)),),
        "wait": (chance.randrange(len(WAITS)),),
        "jump": (chance.randrange(len(SKEWS)),),
    }
    return drawn.get(name, ())
