"""Processes give signs of life while they wait, while they work and while Redis is away; then they are killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from posxero.db.heartbeat import Heartbeat
from posxero.services.sync_status import heartbeats
from tests.support.processes import running, until

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from tests.support.pushing import Shop

NOWHERE = "redis://127.0.0.1:1/0"


def seen(session: Session, process: str) -> datetime:
    session.rollback()
    found = session.scalar(select(Heartbeat.at).where(Heartbeat.process == process))
    return found or datetime(2020, 1, 1, tzinfo=UTC)


def beats(session: Session, process: str) -> None:
    for _ in range(3):
        last = seen(session, process)
        until(lambda last=last: seen(session, process) > last, f"{process} gives a sign of life")  # type: ignore[misc]


def is_late(shop: Shop, process: str) -> bool:
    shop.session.rollback()
    timings = shop.ports.settings.timings
    late = heartbeats.late_processes(heartbeats.last_seen(shop.session), timings, now=datetime.now(UTC))
    return process in {one.process for one in late}


@pytest.mark.parametrize("process", heartbeats.PROCESSES)
def test_a_process_is_seen_until_it_is_killed(
    shop: Shop, process_environment: dict[str, str], tmp_path: Path, process: str
) -> None:
    command = ["scheduler"] if process == heartbeats.SCHEDULER else ["worker", process]
    with running(tmp_path / "log", process_environment, *command, says=".started") as running_one:
        beats(shop.session, process)
        assert not is_late(shop, process)
        running_one.kill()
        until(lambda: is_late(shop, process), f"{process} is late")


def test_a_push_worker_is_seen_during_a_call(shop: Shop, process_environment: dict[str, str], tmp_path: Path) -> None:
    ann = shop.customer("Ann Smith")
    with running(tmp_path / "log", process_environment, "worker", "push", says="worker.started"):
        shop.xero.fault("slow", seconds=0.9, method="POST")
        shop.edit(ann, email="one@shop.example")
        until(lambda: shop.link(ann).lease_token is not None, "the save is on its way")
        beats(shop.session, "push")


def test_a_worker_is_seen_while_redis_is_away(shop: Shop, process_environment: dict[str, str], tmp_path: Path) -> None:
    environment = {**process_environment, "POSXERO_REDIS_URL": NOWHERE}
    with running(tmp_path / "log", environment, "worker", "push", says="worker.redis_away"):
        beats(shop.session, "push")
        assert seen(shop.session, "push") > datetime.now(UTC) - timedelta(seconds=5)
