"""Edits, crashes and faults in any order: Xero ends with the last saved revision, once, and the badge never lies."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from sqlalchemy import update

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import SyncState
from posxero.services.push import engine, linking
from tests.pushing import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from posxero.db.contact import Contact
    from posxero.services.push.claims import Claim
    from tests.pushing import Shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAULTS = ("500", "503", "drop_before", "drop_after", "429", "late", "fewer", "repeated")
names = count()
actions = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.integers(0, 2)),
        st.tuples(st.just("push"), st.just(0)),
        st.tuples(st.just("fault"), st.integers(0, len(FAULTS) - 1)),
        st.tuples(
            st.sampled_from(["crash before", "crash after", "stop", "go on", "wait", "land", "later"]), st.just(0)
        ),
    ),
    min_size=3,
    max_size=14,
)


class World:
    """Three customers, one of them not in Xero yet, and workers that come to grief."""

    def __init__(self, shop: Shop, make_session: Callable[[], Session], redis: Redis) -> None:
        self.shop = shop
        self.redis = redis
        self.other = make_session()
        self.stopped: Claim | None = None
        self.saved: dict[int, str] = {}
        number = next(names)
        redis.flushall()
        shop.xero.fault("clear")
        shop.wait_over()
        self.customers: list[Contact] = [shop.customer(f"Customer {number} {n}") for n in range(2)]
        new = shop.unlinked(f"Customer {number} new")
        linking.link_to_xero(shop.session, shop.business.id, new.id, by="Mana", now=now(), jobs=shop.jobs)
        self.customers.append(new)

    def act(self, action: str, which: int) -> None:  # noqa: C901 - one branch for each action
        shop = self.shop
        if action == "edit":
            self.saved[which] = f"c{next(names)}@shop.example"
            shop.edit(self.customers[which], email=self.saved[which])
        elif action == "push":
            shop.push()
        elif action == "fault":
            shop.xero.fault(FAULTS[which])
        elif action == "wait":
            self.wait_over()
        elif action == "land":
            shop.xero.land()
        elif action == "later":
            self.redis.flushall()
            shop.later(minutes=3)
        elif action == "go on" and self.stopped is not None:
            engine.deliver(self.other, self.stopped, shop.ports)
            self.stopped = None
        elif action in {"crash before", "crash after", "stop"}:
            self.come_to_grief(action)

    def wait_over(self) -> None:
        self.redis.flushall()  # what Retry-After blocked
        self.shop.wait_over()

    def come_to_grief(self, action: str) -> None:
        """Claim, and die before the call, or after it and before the commit; or be stopped for a long time."""
        shop = self.shop
        claimed = engine.claim_next(self.other, shop.business.id, shop.ports)
        if claimed is None:
            return
        if action == "crash after":
            engine.deliver(self.other, claimed, shop.ports)
            for debt in claimed.items:  # what the commit would have said is gone
                self.undo(debt.id, claimed)
        if action == "stop":
            self.stopped = claimed
        shop.leases_over()

    def undo(self, link_id: object, claimed: Claim) -> None:
        undone = {"sent_revision": 0, "lease_token": claimed.token, "lease_until": LONG_AGO, "verify_due": False}
        with writing(self.shop.session):
            self.shop.session.execute(update(Link).where(Link.id == link_id).values(undone))

    def check_badges(self) -> None:
        """A badge that says Synced is right, or says that Xero is checked again."""
        for which, email in self.saved.items():
            contact = self.customers[which]
            if self.shop.badge(contact).state is SyncState.SYNCED and not self.shop.link(contact).verify_again_at:
                assert self.shop.held(contact).get("EmailAddress") == email

    def settle(self) -> None:
        """Let everything be quiet, and the sweep do its work."""
        self.act("go on", 0)
        self.shop.xero.fault("clear")
        self.shop.xero.land()
        for _ in range(12):
            self.act("later", 0)
            self.shop.push()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=actions)
def test_xero_ends_with_the_last_saved_revision_once(
    shop: Shop, make_session: Callable[[], Session], redis_url: str, actions: list[tuple[str, int]]
) -> None:
    with Redis.from_url(redis_url) as redis:
        world = World(shop, make_session, redis)
        play(world, actions)


def play(world: World, actions: list[tuple[str, int]]) -> None:
    shop = world.shop
    before = len(shop.xero.contacts())
    for action, which in actions:
        world.act(action, which)
        world.check_badges()
    world.settle()
    world.check_badges()
    assert {shop.badge(contact).state for contact in world.customers} == {SyncState.SYNCED}
    assert len(shop.xero.contacts()) <= before + 1
