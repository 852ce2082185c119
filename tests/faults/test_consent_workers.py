"""The consent under real processes: an expired token, a worker killed in its refresh, and a disconnection."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select, update

from posxero.db.connection import Connection, Grant
from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState, Phase, SyncState
from posxero.queue import QUEUES, SERIALIZER
from posxero.services.accounts.security_log import Actor
from posxero.services.imports.queries import get
from posxero.services.imports.start import start
from posxero.services.xero_connection import connections
from tests.support.processes import running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posxero.db.contact import Contact
    from posxero.db.import_ import Import
    from tests.support.pushing import Shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OLIVE = Actor(name="Olive")
TOKEN, CONTACTS = "/connect/token", "/api.xro/2.0/Contacts"


@pytest.fixture
def customers(shop: Shop) -> list[Contact]:
    """Linked customers, added before any process writes beside the test."""
    return [shop.customer(f"Customer {number}") for number in range(5)]


@pytest.fixture
def workers(tmp_path: Path, process_environment: dict[str, str], customers: list[Contact]) -> Iterator[None]:  # noqa: ARG001 - added first
    """A worker of each queue, and the sweep."""
    with ExitStack() as stack:
        for words in (["worker", "push"], ["worker", "import"], ["worker", "upkeep"], ["scheduler"]):
            log = tmp_path / f"{words[-1]}.log"
            stack.enter_context(running(log, process_environment, *words, says=f"{words[0]}.started"))
        yield


def expire_token(shop: Shop) -> None:
    """Make the next calls refresh first, which takes a while."""
    with writing(shop.session):
        shop.session.execute(update(Grant).values(expires_at=LONG_AGO))
    shop.xero.fault("slow", seconds=0.8, path=TOKEN)


def begin_import(shop: Shop) -> Import:
    return start(shop.session, shop.jobs, shop.business.id, with_suppliers=False, by=OLIVE, now=datetime.now(UTC))


def now_of(shop: Shop, run: Import) -> Import:
    shop.session.rollback()
    return get(shop.session, run.business_id, run.id)


def is_synced(shop: Shop, contact: Contact, email: str) -> bool:
    return shop.held(contact).get("EmailAddress") == email and shop.badge(contact).state is SyncState.SYNCED


def has_tokens(shop: Shop) -> bool:
    shop.session.rollback()
    return bool(shop.session.scalars(select(Grant.id)).all())


def has_stopped(run: Import) -> bool:
    return "is disconnected" in run.paused_reason or run.finished_at is not None


def is_idle(redis_url: str) -> bool:
    """Whether no job waits or runs."""
    with Redis.from_url(redis_url) as redis:
        queues = [Queue(name, connection=redis, serializer=SERIALIZER) for name in QUEUES]
        return not any(queue.count + queue.started_job_registry.count for queue in queues)


@pytest.mark.usefixtures("workers")
def test_workers_that_meet_an_expired_token_refresh_it_once(shop: Shop, customers: list[Contact]) -> None:
    expire_token(shop)
    run = begin_import(shop)
    shop.edit(customers[0], email="one@shop.example")
    until(lambda: is_synced(shop, customers[0], "one@shop.example"), "the save is in Xero")
    until(lambda: now_of(shop, run).phase is Phase.FINISHED, "the import is finished")
    assert len(shop.xero.calls(TOKEN)) == 1


def test_a_worker_killed_in_its_refresh_loses_no_connection(
    shop: Shop, customers: list[Contact], tmp_path: Path, process_environment: dict[str, str]
) -> None:
    worker = ("worker", "push")
    with running(tmp_path / "1.log", process_environment, *worker, says="worker.started") as first:
        expire_token(shop)
        shop.edit(customers[0], email="one@shop.example")
        until(lambda: not shop.xero.faults_left(), "the refresh is in Xero")
        first.kill()
    with ExitStack() as stack:
        for words in (worker, ("scheduler",)):
            log = tmp_path / f"{words[-1]}-2.log"
            stack.enter_context(running(log, process_environment, *words, says=f"{words[0]}.started"))
        until(lambda: is_synced(shop, customers[0], "one@shop.example"), "the save is in Xero")
    assert shop.session.scalars(select(Connection.state)).all() == [ConnectionState.CONNECTED]


@pytest.mark.usefixtures("workers")
def test_after_a_disconnection_no_process_calls_xero(shop: Shop, customers: list[Contact], redis_url: str) -> None:
    shop.xero.fault("slow", seconds=0.5, method="POST")
    shop.xero.fault("slow", seconds=1, count=2, path=CONTACTS, method="GET")
    for contact in customers:
        shop.edit(contact, email="owed@shop.example")
    run = begin_import(shop)
    connections.disconnect(shop.session, shop.business.id, by=OLIVE, now=datetime.now(UTC), jobs=shop.jobs)
    until(lambda: not has_tokens(shop), "the tokens are wiped")
    until(lambda: has_stopped(now_of(shop, run)), "the import waits, unless it was quicker")
    until(lambda: all(shop.link(one).lease_token is None for one in customers), "no call is in flight")
    shop.xero.clear_calls()
    shop.edit(customers[0], email="later@shop.example")
    shop.jobs.run_import(run.business_id, run.id)
    shop.jobs.push(shop.business.id)
    until(lambda: is_idle(redis_url), "the jobs are done")
    assert shop.badge(customers[0]).state is SyncState.PAUSED
    assert shop.xero.calls() == []
