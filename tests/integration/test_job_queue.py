"""Hints on a real Valkey: they coalesce, and none is lost for a debt that nobody has read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from redis import Redis
from rq import Queue

from posxero.queue import FAILURE_TTL, JOB_TIMEOUT, JobQueue
from posxero.redis_client import redis_client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def jobs(redis_url: str) -> JobQueue:
    return JobQueue(redis_client(redis_url, timeout=0.25))


def waiting(redis: Redis, queue: str = "push") -> list[tuple[str, list[str]]]:
    jobs = Queue(queue, connection=redis, serializer="json").jobs
    return [(job.func_name or "", list(job.args)) for job in jobs]


def test_a_hint_is_a_job_with_strings_and_short_lives(jobs: JobQueue, redis: Redis) -> None:
    business = uuid4()
    jobs.push(business)
    assert waiting(redis) == [("posxero.jobs.push.push", [str(business)])]
    (job,) = Queue("push", connection=redis, serializer="json").jobs
    assert (job.timeout, job.result_ttl, job.failure_ttl) == (JOB_TIMEOUT, 0, FAILURE_TTL)


def test_twenty_hints_are_one_job_until_it_begins(jobs: JobQueue, redis: Redis) -> None:
    business = uuid4()
    for _ in range(20):
        jobs.push(business)
    assert len(waiting(redis)) == 1
    jobs.push_began(business)
    jobs.push(business)
    assert len(waiting(redis)) == 2


def test_businesses_do_not_stand_for_each_other(jobs: JobQueue, redis: Redis) -> None:
    jobs.push(uuid4())
    jobs.push(uuid4())
    assert len(waiting(redis)) == 2


def test_a_waiting_job_that_was_lost_blocks_further_hints_only_for_a_while(jobs: JobQueue, redis: Redis) -> None:
    jobs.push(uuid4())
    (key,) = redis.keys("posxero:push-waits:*")
    assert 0 < redis.pttl(key) <= 30_000


def test_upkeep_that_nobody_works_off_does_not_pile_up(jobs: JobQueue, redis: Redis) -> None:
    business, grant = uuid4(), uuid4()
    for _ in range(20):
        jobs.refold(business)
        jobs.keep_alive(grant)
    assert len(waiting(redis, "upkeep")) == 2


def test_a_reading_that_began_stands_for_no_further_one(jobs: JobQueue, redis: Redis) -> None:
    business = uuid4()
    jobs.read_organisation(business)
    jobs.read_organisation(business)
    assert len(waiting(redis, "upkeep")) == 1
    jobs.read_organisation_began(business)
    jobs.read_organisation(business)
    assert len(waiting(redis, "upkeep")) == 2


def test_work_goes_to_its_own_queue(jobs: JobQueue, redis: Redis) -> None:
    jobs.run_import(uuid4(), uuid4())
    jobs.keep_alive(uuid4())
    assert [name for name, _ in waiting(redis, "import")] == ["posxero.jobs.run_import.run_import"]
    assert [name for name, _ in waiting(redis, "upkeep")] == ["posxero.jobs.keep_alive.keep_alive"]
    assert waiting(redis) == []
    assert jobs.reachable()


def test_an_import_that_waits_is_not_enqueued_again_by_each_sweep(jobs: JobQueue, redis: Redis) -> None:
    first, second, business = uuid4(), uuid4(), uuid4()
    for _ in range(20):
        jobs.run_import(business, first)
    jobs.run_import(business, second)
    queue = Queue("import", connection=redis, serializer="json")
    assert len(queue) == 2
    jobs.run_import_began(first)
    jobs.run_import(business, first)
    assert len(queue) == 3
