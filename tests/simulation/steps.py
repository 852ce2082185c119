"""The steps of a schedule: what happens next, to which worker or customer. A step that does not apply does nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from sqlalchemy import update

from posxero.db.drift_check import DriftCheck
from posxero.db.engine import writing
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.services.drift import inbox
from posxero.xero.webhooks import Event
from tests.simulation.sale_steps import MOST_CUSTOMERS, SALE_ACTIONS
from tests.simulation.shop import TAKEN
from tests.simulation.xero import TRUNCATED, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.simulation.world import World

FIELDS: Final = ("email", "mobile", "street_city", "first_name", "name")
IN_XERO: Final = {"email": "EmailAddress", "first_name": "FirstName"}  # what somebody edits there
WAITS: Final = (1, 6, 25, 61, 130, 300, 650)  # seconds
SKEWS: Final = (0, 0, 3600, -3600)  # seconds
TOKEN: Final = {"path": "/connect/token"}
FAULTS: Final[tuple[tuple[str, Mapping[str, Any]], ...]] = (
    ("500", {}),
    ("503", {}),
    ("429", {"retry_after": 3}),
    ("429", {"retry_after": 40}),
    ("401", {}),
    ("drop_before", {}),
    ("drop_after", {}),
    ("late", {}),
    ("fewer", {}),
    ("more", {}),
    ("repeated", {}),
    ("reordered", {}),
    ("other_id", {}),
    ("other_number", {}),
    ("500", TOKEN),
    ("drop_after", TOKEN),
    (UNREACHABLE, {}),
    (TRUNCATED, {}),
)


@dataclass(frozen=True)
class Step:
    """One step, written as its name and its numbers: "edit 0 2 7"."""

    name: str
    numbers: tuple[int, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *map(str, self.numbers)])

    @classmethod
    def parse(cls, text: str) -> Self:
        name, *numbers = text.split()
        return cls(name, tuple(map(int, numbers)))

    def take(self, world: World) -> None:
        """Let it happen."""
        ACTIONS[self.name](world, *self.numbers)


def edit(world: World, customer: int, field: int, number: int) -> None:
    """Open the form of a customer, change a field, and save."""
    contact_id = _customer(world, customer)
    world.shop.save(contact_id, world.shop.version(contact_id), **_typed(customer, field, number))


def open_form(world: World, customer: int) -> None:
    """Open the form of a customer at the other till."""
    contact_id = _customer(world, customer)
    world.open_forms[contact_id] = world.shop.version(contact_id)


def save_form(world: World, customer: int, field: int, number: int) -> None:
    """Change a field in the form at the other till, and save; somebody else may have saved meanwhile."""
    contact_id = _customer(world, customer)
    if (seen := world.open_forms.pop(contact_id, 0)) > 0:
        world.shop.save(contact_id, seen, **_typed(customer, field, number))


def edit_unheard(world: World, customer: int, field: int, number: int) -> None:
    """Save, and let the till's process die between the commit and the hint."""
    with _mute(world):
        edit(world, customer, field, number)


def edit_taken_name(world: World, customer: int) -> None:
    """Save a name that another contact of Xero has."""
    contact_id = _customer(world, customer)
    world.shop.refused.add(contact_id)
    world.shop.save(contact_id, world.shop.version(contact_id), name=TAKEN)


def add(world: World, number: int) -> None:
    """Add a customer who is to be created in Xero."""
    if len(world.shop.customers) < MOST_CUSTOMERS:
        world.shop.add(f"New customer {number}")


def send_ours(world: World, customer: int) -> None:
    world.shop.send_ours(_customer(world, customer))


def try_again(world: World, customer: int) -> None:
    world.shop.try_again(_customer(world, customer))


def edit_in_xero(world: World, customer: int, field: int, number: int) -> None:
    """Let somebody change a contact in Xero."""
    contact_id = _customer(world, customer)
    key = tuple(IN_XERO)[field % len(IN_XERO)]
    if (xero_id := world.shop.xero_id(contact_id)) is not None:
        value = f"x{number}@xero.example"
        world.shop.foreign[contact_id][key].add(value)
        world.xero.edit(xero_id, **{IN_XERO[key]: value})


def archive(world: World, customer: int, status: int) -> None:
    """Let somebody archive a contact in Xero, or restore it."""
    contact_id = _customer(world, customer)
    if (xero_id := world.shop.xero_id(contact_id)) is not None:
        world.shop.archived.add(contact_id)
        world.xero.edit(xero_id, ContactStatus=("ACTIVE", "ARCHIVED")[status % 2])


def merge(world: World, customer: int, into: int) -> None:
    """Let somebody merge a contact into another in Xero."""
    loser, winner = (world.shop.xero_id(_customer(world, number)) for number in (customer, into))
    pair = [one for one in (loser, winner) if one and world.xero.contact(one)["ContactStatus"] == "ACTIVE"]
    if len(pair) == len({loser, winner}) == 2:
        world.shop.archived.add(_customer(world, customer))
        world.xero.act(loser, "merge", into=str(winner))


def hear(world: World, customer: int, way: int) -> None:
    """Deliver a webhook about a customer: in time, late (with an old time), without a time, or twice."""
    xero_id = world.shop.xero_id(_customer(world, customer))
    if xero_id is None or world.hints.is_mute:
        return
    stamp = datetime.fromtimestamp(world.xero.contact(xero_id)["UpdatedDateUTC"] / 1000, UTC)
    at = (stamp, stamp, stamp - timedelta(minutes=5), None)[way % 4]
    event = Event(UUID(world.xero.tenant), ChangeCategory.CONTACT, xero_id, at)
    for _ in range(2 if way == 1 else 1):
        inbox.receive(world.session, [event], now=world.clock.now(), jobs=world.hints)


def check_now(world: World, kind: int) -> None:
    """Let a poll, or a walk over everything, be due."""
    now, kinds = world.clock.now(), (DriftKind.POLL, DriftKind.WALK)
    with writing(world.session):
        due = update(DriftCheck).where(DriftCheck.kind == kinds[kind % 2]).values(due_at=now, scheduled_at=now)
        world.session.execute(due)
    world.sweep()


def kill(world: World, worker: int, is_delivered: int) -> None:
    world.kill(worker, is_delivered=bool(is_delivered % 2))


def fault(world: World, number: int) -> None:
    """Let the next call that fits meet a fault."""
    kind, options = FAULTS[number % len(FAULTS)]
    if kind in {UNREACHABLE, TRUNCATED}:
        world.xero.wire_faults.append(kind)
    else:
        world.xero.fault(kind, **options)


def lose_hints(world: World) -> None:
    world.hints.waiting.clear()


ACTIONS: Final[Mapping[str, Callable[..., None]]] = {
    "run": lambda world, worker: world.run(worker),
    "finish": lambda world, worker: world.finish(worker),
    "kill": kill,
    "edit": edit,
    "open": open_form,
    "save": save_form,
    "edit_unheard": edit_unheard,
    "edit_taken_name": edit_taken_name,
    "add": add,
    "send_ours": send_ours,
    "try_again": try_again,
    "edit_in_xero": edit_in_xero,
    "archive": archive,
    "merge": merge,
    "hear": hear,
    "check": check_now,
    "fault": fault,
    "land": lambda world: world.xero.land_all(),
    "expire_tokens": lambda world: world.xero.fault("expire_tokens"),
    "sweep": lambda world: world.sweep(),
    "wait": lambda world, number: world.xero.pass_time(WAITS[number % len(WAITS)]),
    "jump": lambda world, number: world.jump(SKEWS[number % len(SKEWS)]),
    "flush": lambda world: world.flush(),
    "redis_away": lambda world: world.set_redis_away(is_away=True),
    "redis_back": lambda world: world.set_redis_away(is_away=False),
    "lose_hints": lose_hints,
    **SALE_ACTIONS,
}


def _customer(world: World, number: int) -> UUID:
    customers = world.shop.customers
    return customers[number % len(customers)]


def _typed(customer: int, field: int, number: int) -> dict[str, str]:
    key = FIELDS[field % len(FIELDS)]
    texts = {"email": f"c{customer}v{number}@shop.example", "mobile": f"021 {customer}{number:05}"}
    return {key: texts.get(key, f"{key.replace('_', ' ')} {customer} of {number}")}


@contextmanager
def _mute(world: World) -> Iterator[None]:
    was, world.hints.is_mute = world.hints.is_mute, True
    try:
        yield
    finally:
        world.hints.is_mute = was
