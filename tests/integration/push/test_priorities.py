"""What a person just saved goes before a backlog, which leaves a part of every limit to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select, update

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.enums import SyncState
from posxero.queue import PUSH
from posxero.services import sweep
from posxero.services.push import engine, linking, retry
from posxero.services.push.due import MAX_PERSON_WAIT, Priority, due_businesses
from posxero.services.push.kinds.contacts import ContactKind
from posxero.xero.limits import RESERVED_A_MINUTE, UNUSED_A_MINUTE, Limits
from tests.support.times import now

if TYPE_CHECKING:
    import httpx2

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.transports import Send


@pytest.fixture
def backlog(shop: Shop) -> list[Contact]:
    """Sixty customers that were saved during an outage."""
    customers = shop.customers([f"Customer {n:02}" for n in range(60)])
    shop.set_email(customers, "all@shop.example")
    shop.later(minutes=3)
    return customers


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer in sync with Xero."""
    return shop.customer("Ann Smith")


def claimed(shop: Shop) -> list[tuple[Priority, int]]:
    """Claim until nothing is left; return what each claim was and how many it took."""
    claims = []
    while (taken := engine.claim_next(shop.session, shop.business.id, shop.ports)) is not None:
        claims.append((taken.priority, len(taken.items)))
    return claims


def test_a_save_is_claimed_before_a_backlog(shop: Shop, ann: Contact, backlog: list[Contact]) -> None:
    shop.edit(ann, email="ann@shop.example")
    assert claimed(shop) == [(Priority.PERSON, 1), (Priority.BACKLOG, 50), (Priority.BACKLOG, len(backlog) - 50)]


def test_a_save_during_a_backlog_is_the_next_call(shop: Shop, ann: Contact, backlog: list[Contact]) -> None:
    emails = iter(["ann@shop.example"])

    def save_during_the_first_call(request: httpx2.Request, send: Send) -> httpx2.Response:
        for email in emails:
            shop.edit(ann, email=email)
        return send(request)

    with shop.intercepting(save_during_the_first_call):
        shop.push()
    sent = list(shop.session.scalars(select(Link.contact_id).where(Link.sent_at.is_not(None)).order_by(Link.sent_at)))
    assert sent.index(ann.id) == 50
    assert {shop.badge(contact).state for contact in (ann, *backlog)} == {SyncState.SYNCED}


def test_a_backlog_at_its_limit_leaves_calls_to_people(
    shop: Shop, ann: Contact, backlog: list[Contact], redis_url: str
) -> None:
    shop.forget_limits(redis_url)
    only_for_people = replace(shop.ports.settings.xero, minute_limit=UNUSED_A_MINUTE + RESERVED_A_MINUTE)
    limits = Limits.connect(replace(shop.ports.settings, xero=only_for_people))
    shop.ports = replace(shop.ports, limits=limits)
    with limits.slot(shop.connection.tenant_id, is_background=True):  # the one call that even these limits allow
        pass
    shop.push()
    assert shop.posts() == 0
    assert shop.badge(backlog[0]).state is SyncState.WAITING
    shop.session.refresh(shop.connection)
    assert (shop.connection.paused_until, shop.connection.backlog_until is not None) == (None, True)
    assert due_businesses(shop.session, now()) == []
    shop.edit(ann, email="ann@shop.example")
    assert due_businesses(shop.session, now()) == [shop.business.id]
    shop.push()
    assert shop.badge(ann).state is SyncState.SYNCED
    assert shop.posts() == 1


def test_the_scheduler_wakes_when_a_backlog_may_go_on(shop: Shop) -> None:
    ten = timedelta(seconds=10)
    at = now()
    assert sweep.next_wake(shop.session, now=at, within=ten) == ten
    with writing(shop.session):
        shop.session.refresh(shop.connection)
        shop.connection.backlog_until = at + timedelta(seconds=3)
        shop.connection.paused_until = at + timedelta(hours=1)
    assert sweep.next_wake(shop.session, now=at, within=ten) == timedelta(seconds=3)


def test_the_scheduler_looks_again_soon_while_debts_are_due(shop: Shop) -> None:
    ten = timedelta(seconds=10)
    ann = shop.edit(shop.customer("Ann"), email="ann@shop.example")
    assert sweep.next_wake(shop.session, now=now(), within=ten) == sweep.SLEEP_WHILE_DUE
    shop.push()
    assert shop.badge(ann).state is SyncState.SYNCED
    assert sweep.next_wake(shop.session, now=now(), within=ten) == ten


def test_a_backlog_of_creations_is_claimed_a_few_at_a_time(shop: Shop) -> None:
    for n in range(ContactKind.creations_batch_size + 1):
        contact = shop.unlinked(f"New {n}")
        linking.link_to_xero(shop.session, shop.business.id, contact.id, by="Mana", now=now(), jobs=shop.jobs)
    shop.later(minutes=3)
    assert claimed(shop) == [(Priority.BACKLOG, ContactKind.creations_batch_size), (Priority.BACKLOG, 1)]


def test_a_bulk_retry_is_a_backlog_and_one_try_again_is_not(shop: Shop) -> None:
    customers = [shop.edit(shop.customer(f"Customer {n}"), email="all@shop.example") for n in range(3)]
    shop.session.execute(update(Link).values(state="parked"))
    shop.session.commit()
    retry.try_all_again(shop.session, shop.business.id, by="Mana", now=now(), jobs=shop.jobs)
    retry.try_again(shop.session, shop.business.id, customers[0].id, by="Mana", now=now(), jobs=shop.jobs)
    assert claimed(shop) == [(Priority.PERSON, 1), (Priority.BACKLOG, 2)]


def test_an_old_save_joins_the_backlog(shop: Shop, ann: Contact) -> None:
    shop.edit(ann, email="ann@shop.example")
    shop.later(seconds=MAX_PERSON_WAIT.total_seconds() + 1)
    assert claimed(shop) == [(Priority.BACKLOG, 1)]


def test_a_save_goes_to_the_front_of_the_queue(shop: Shop, ann: Contact, redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        jobs = type(shop.jobs)(redis)
        for other in (ann.id, shop.connection.id):  # any ids: nobody works this queue
            jobs.push(other)
        jobs.push(shop.business.id)
        jobs.push(shop.business.id, awaited=True)
        jobs.push(shop.business.id, awaited=True)
        queued = Queue(PUSH, connection=redis, serializer="json").jobs
        assert [job.args[0] for job in queued] == [
            str(one) for one in (shop.business.id, ann.id, shop.connection.id, shop.business.id)
        ]
