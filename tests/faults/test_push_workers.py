"""Push workers are killed, stopped and cut off; Xero ends with the last saved revision, once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from sqlalchemy import update

from posxero.db.connection import Grant
from posxero.db.engine import writing
from posxero.domain.enums import SyncState
from tests.support.fakes import RecordingQueue
from tests.support.processes import Process, running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop
    from tests.support.valkey import Server

Workers = Callable[[], AbstractContextManager[Process]]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def open_worker(tmp_path: Path, process_environment: dict[str, str]) -> Workers:
    numbers = iter(range(100))

    def open_one() -> AbstractContextManager[Process]:
        log = tmp_path / f"worker-{next(numbers)}.log"
        return running(log, process_environment, "worker", "push", says="worker.started")

    return open_one


@pytest.fixture
def scheduler(tmp_path: Path, process_environment: dict[str, str]) -> Iterator[Process]:
    """A scheduler that sweeps all the time."""
    with running(tmp_path / "scheduler.log", process_environment, "scheduler", says="scheduler.started") as process:
        yield process


@pytest.fixture
def ann(shop: Shop) -> Contact:
    """A customer in sync with Xero."""
    return shop.customer("Ann Smith")


def synced(shop: Shop, contact: Contact, email: str) -> bool:
    return shop.held(contact).get("EmailAddress") == email and shop.badge(contact).state is SyncState.SYNCED


def claimed(shop: Shop, contact: Contact) -> bool:
    return shop.link(contact).lease_token is not None


def is_refreshing(shop: Shop) -> bool:
    """Return whether the slow refresh of expire_token() has reached Xero: its worker waits, and holds no lock."""
    return not shop.xero.faults_left()


def called(shop: Shop, method: str) -> int:
    return len(shop.xero.calls("/api.xro", method))


def expire_token(shop: Shop) -> None:
    """Make the next push refresh first, which takes a while: it has claimed, and not sent."""
    with writing(shop.session):
        shop.session.execute(update(Grant).values(expires_at=LONG_AGO))
    shop.xero.fault("slow", seconds=1.5, path="/connect/token")


def test_a_save_reaches_xero_and_sigterm_cuts_no_call(shop: Shop, ann: Contact, open_worker: Workers) -> None:
    with open_worker() as worker:
        shop.edit(ann, email="one@shop.example")
        until(lambda: synced(shop, ann, "one@shop.example"), "the first save is in Xero")
        shop.xero.fault("slow", seconds=0.5, method="POST")
        shop.edit(ann, email="two@shop.example")
        until(lambda: claimed(shop, ann), "the second save is on its way")
        worker.send(signal.SIGTERM)
        assert worker.wait() == 0
    assert synced(shop, ann, "two@shop.example")
    assert called(shop, "POST") == 2


@pytest.mark.usefixtures("scheduler")
def test_a_worker_killed_during_its_call_leaves_it_in_sync(shop: Shop, ann: Contact, open_worker: Workers) -> None:
    with open_worker() as worker:
        shop.xero.fault("slow", seconds=0.5, method="POST")
        shop.edit(ann, email="one@shop.example")
        until(lambda: claimed(shop, ann), "the save is on its way")
        worker.kill()
    assert shop.badge(ann).state is SyncState.WAITING
    with open_worker():
        until(lambda: synced(shop, ann, "one@shop.example"), "the save is in Xero")
    assert len(shop.xero.contacts()) == 1
    assert called(shop, "GET") >= 1


@pytest.mark.usefixtures("scheduler")
def test_a_worker_killed_before_its_call_leaves_it_to_be_sent_once(
    shop: Shop, ann: Contact, open_worker: Workers
) -> None:
    with open_worker() as worker:
        expire_token(shop)
        shop.edit(ann, email="one@shop.example")
        until(lambda: claimed(shop, ann), "the save is claimed")
        worker.kill()
    with open_worker():
        until(lambda: synced(shop, ann, "one@shop.example"), "the save is in Xero")
    assert called(shop, "POST") == 1


@pytest.mark.usefixtures("scheduler")
def test_a_worker_stopped_before_its_call_does_not_have_the_last_word(
    shop: Shop, ann: Contact, open_worker: Workers
) -> None:
    with open_worker() as stopped:
        expire_token(shop)
        shop.edit(ann, email="one@shop.example")
        until(lambda: claimed(shop, ann) and is_refreshing(shop), "the first save is claimed, its refresh is in Xero")
        stopped.send(signal.SIGSTOP)
        shop.edit(ann, email="two@shop.example")
        with open_worker():
            until(lambda: synced(shop, ann, "two@shop.example"), "the second save is in Xero")
            stopped.send(signal.SIGCONT)
            shop.edit(ann, email="three@shop.example")
            until(lambda: synced(shop, ann, "three@shop.example"), "the third save is in Xero")
    assert [call["method"] for call in shop.xero.calls("/api.xro")].count("POST") == 2


@pytest.mark.usefixtures("scheduler")
def test_everything_in_redis_may_be_lost(shop: Shop, open_worker: Workers, redis_url: str) -> None:
    customers = [shop.customer(f"Customer {n}") for n in range(20)]
    for contact in customers:
        shop.edit(contact, email="all@shop.example")
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    with open_worker():
        until(lambda: synced(shop, customers[-1], "all@shop.example"), "the last save is in Xero")
        until(lambda: all(synced(shop, one, "all@shop.example") for one in customers), "every save is in Xero")
    assert called(shop, "POST") <= 2


@pytest.mark.usefixtures("scheduler")
def test_a_debt_whose_hint_was_never_sent_is_found(shop: Shop, ann: Contact, open_worker: Workers) -> None:
    shop.jobs = RecordingQueue(None)
    with open_worker():
        shop.edit(ann, email="one@shop.example")
        until(lambda: synced(shop, ann, "one@shop.example"), "the sweep found the debt")


@pytest.mark.usefixtures("scheduler")
def test_saves_without_redis_are_sent_once_it_is_back(shop: Shop, open_worker: Workers, valkey: Server) -> None:
    customers = [shop.customer(f"Customer {n}") for n in range(5)]
    with open_worker() as worker:
        valkey.kill()
        for contact in customers:
            shop.edit(contact, email="away@shop.example")
            assert shop.badge(contact).state is SyncState.WAITING
        valkey.start()
        until(lambda: all(synced(shop, one, "away@shop.example") for one in customers), "every save is in Xero")
        assert not worker.ended()


def test_a_worker_without_redis_still_ends_when_it_is_told_to(shop: Shop, open_worker: Workers, valkey: Server) -> None:
    assert shop.jobs.reachable()
    with open_worker() as worker:
        assert "redis" not in worker.log().lower()
        valkey.kill()
        try:
            until(lambda: "redis" in worker.log().lower(), "the worker says that Redis is away")
            worker.send(signal.SIGTERM)
            assert worker.wait() == 0
        finally:
            valkey.start()
