from __future__ import annotations

from importlib import import_module
from inspect import Parameter, signature
from uuid import UUID

import pytest

from posxero.queue import JOBS, QUEUES, JobQueue
from posxero.redis_client import redis_client

SOMEBODY = UUID(int=7)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_every_job_that_is_named_exists(name: str) -> None:
    module, _, function = JOBS[name].rpartition(".")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("name", sorted(JOBS))
def test_every_job_has_its_hint_and_takes_strings(name: str) -> None:
    module, _, function = JOBS[name].rpartition(".")
    job = signature(getattr(import_module(module), function), eval_str=True)
    assert {one.annotation for one in job.parameters.values()} == {str}
    hint = signature(getattr(JobQueue, name))
    told = [one.name for one in hint.parameters.values() if one.kind is not Parameter.KEYWORD_ONLY]
    assert list(job.parameters) == told[1:]


def test_without_redis_a_hint_is_left_to_the_sweep() -> None:
    jobs = JobQueue(None)
    jobs.push(SOMEBODY)
    jobs.push_began(SOMEBODY)
    assert not jobs.reachable()


def test_a_redis_that_is_away_stops_nobody() -> None:
    jobs = JobQueue(redis_client("redis://127.0.0.1:1/0", timeout=0.25))
    jobs.push(SOMEBODY)
    jobs.push_began(SOMEBODY)
    jobs.run_import(SOMEBODY, SOMEBODY)
    jobs.keep_alive(SOMEBODY)
    assert not jobs.reachable()


def test_one_queue_for_each_kind_of_work() -> None:
    assert QUEUES == ("push", "import", "upkeep")
