"""Workers that fork: each job in a horse of its own, which never outlives its worker."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from sqlalchemy import select, update

from posxero.db.connection import Grant
from posxero.db.engine import writing
from tests.support.processes import running, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Process
    from tests.support.pushing import Shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def worker(tmp_path: Path, process_environment: dict[str, str]) -> Iterator[Process]:
    """A worker of the queue upkeep."""
    log = tmp_path / "upkeep.log"
    with running(log, process_environment, "worker", "upkeep", says="worker.started") as process:
        yield process


def let_tokens_age(shop: Shop) -> None:
    with writing(shop.session):
        shop.session.execute(update(Grant).values(refreshed_at=LONG_AGO))


def token_version(shop: Shop) -> int:
    found = shop.session.scalars(select(Grant.token_version)).one()
    shop.session.commit()
    return found


def keep_alive(shop: Shop) -> None:
    assert shop.connection.grant_id is not None
    shop.jobs.keep_alive(shop.connection.grant_id)


def horses(worker: Process) -> list[Path]:
    """List the children of a worker (Linux)."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return [Path(f"/proc/{child}") for child in children]


def dead(process: Path) -> bool:
    try:
        return "Z (zombie)" in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_old_tokens_are_refreshed_one_job_after_the_other(shop: Shop, worker: Process, redis_url: str) -> None:
    for version in (2, 3):
        let_tokens_age(shop)
        keep_alive(shop)
        until(lambda wanted=version: token_version(shop) == wanted, f"version {version} of the tokens")  # type: ignore[misc]
        until(lambda: not horses(worker), "the horse is gone")
        with Redis.from_url(redis_url) as redis:
            redis.flushall()  # the hint counts as waiting for a while


def test_a_horse_dies_with_its_worker(shop: Shop, worker: Process) -> None:
    let_tokens_age(shop)
    shop.xero.fault("slow", seconds=5, path="/connect/token")
    keep_alive(shop)
    until(lambda: horses(worker), "a horse is at work")
    (horse,) = horses(worker)
    worker.kill()
    until(lambda: dead(horse), "the horse is dead", seconds=2)
    assert token_version(shop) == 1
