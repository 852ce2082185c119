"""Push workers are killed while they create invoices, and answers are lost: Xero ends with one invoice a sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis import Redis

from tests.support.invoices import INVOICES, SellingShop
from tests.support.processes import running, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.pushing import Shop


@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
def test_a_killed_worker_a_lost_answer_and_an_empty_redis_leave_one_invoice_a_sale(
    shop: Shop, process_environment: dict[str, str], tmp_path: Path, redis_url: str
) -> None:
    till = SellingShop(shop)
    ann = shop.customer("Ann Smith")
    log, push = tmp_path / "worker.log", ("worker", "push")
    with running(tmp_path / "scheduler.log", process_environment, "scheduler", says="scheduler.started"):
        with running(log, process_environment, *push, says="worker.started") as worker:
            shop.xero.fault("slow", seconds=0.5, path=INVOICES, method="PUT")
            first = till.charge(ann)
            until(lambda: not shop.xero.faults_left(), "the invoice is with Xero, which takes its time")
            worker.kill()
        until(till.held, "Xero has carried the request out")
        assert till.sale(first).sent_revision == 0
        shop.xero.fault("drop_after", path=INVOICES, method="PUT")
        second = till.charge(ann)
        with Redis.from_url(redis_url) as redis:
            redis.flushall()
        with running(log, process_environment, *push, says="worker.started"):
            until(lambda: all(till.sale(one).sent_revision == 1 for one in (first, second)), "both are sent")
    assert sorted(one["InvoiceNumber"] for one in till.held()) == ["POS-0001", "POS-0002"]
