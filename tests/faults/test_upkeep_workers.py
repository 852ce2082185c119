"""Changes in Xero reach the shop through real processes: by webhooks, by the poll, and after a kill."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import func, select

from posxero.db.contact import Link
from posxero.db.drift_check import DriftCheck
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import DriftKind
from posxero.domain.enums import SyncState
from posxero.services.drift.schedule import INVOICE_KINDS
from tests.support.practice_server import NO_TLS
from tests.support.processes import Process, running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from posxero.db.contact import Contact
    from tests.support.pushing import Shop

CONTACTS = "/api.xro/2.0/Contacts"
SOON = {"POSXERO_WEBHOOK_DELAY_SECONDS": "0.3", "POSXERO_SLICE_SECONDS": "1"}


@pytest.fixture
def shop_environment(process_environment: dict[str, str]) -> dict[str, str]:
    """The environment of processes that read soon what webhooks name."""
    return process_environment | SOON


@pytest.fixture
def customers(shop: Shop) -> list[Contact]:
    """Linked customers, added before any process writes beside the test."""
    return [shop.customer(f"Customer {number}") for number in range(5)]


@pytest.fixture
def scheduler(
    tmp_path: Path,
    shop_environment: dict[str, str],
    shop: Shop,
    customers: list[Contact],  # noqa: ARG001 - added first
) -> Iterator[Process]:
    """The sweep, which has created the checks of the shop."""
    with running(tmp_path / "sweep.log", shop_environment, "scheduler", says="scheduler.started") as process:
        of_contacts = len(DriftKind) - len(INVOICE_KINDS)  # this shop does not sell on account
        until(lambda: count(shop, DriftCheck) == of_contacts, "the checks are there")
        yield process


@pytest.fixture
def web(
    tmp_path: Path,
    shop_environment: dict[str, str],
    shop: Shop,
    customers: list[Contact],  # noqa: ARG001 - added first
) -> Iterator[str]:
    """The web server, whose address Practice Xero has verified; yields its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = Process(["web", "--port", str(port)], shop_environment, tmp_path / "web.log")
    try:
        until(lambda: answers(url), "the web server answers")
        state = shop.xero.subscribe(f"{url}/xero/webhook", shop_environment["POSXERO_XERO_WEBHOOK_KEY"])
        assert state["status"] == "ok"
        yield url
    finally:
        process.kill()


def answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", verify=NO_TLS).status_code == 200
    except httpx2.TransportError:
        return False


def count(shop: Shop, table: type[DriftCheck | XeroChange]) -> int:
    shop.session.rollback()
    found = shop.session.scalar(select(func.count()).select_from(table)) or 0
    shop.session.rollback()
    return found


def xero_id(shop: Shop, contact: Contact) -> UUID:
    found = shop.link(contact).xero_id
    assert found is not None
    return found


def is_polled(shop: Shop) -> bool:
    """Return whether the first poll is over, which else reads before any webhook what the test edits in Xero."""
    shop.session.rollback()
    worked_at = shop.session.scalar(select(DriftCheck.worked_at).where(DriftCheck.kind == DriftKind.POLL))
    shop.session.rollback()
    return worked_at is not None


def is_seen(shop: Shop, contact: Contact) -> bool:
    shop.session.rollback()  # or SQLite shows what was there when its transaction began
    return shop.badge(contact).state is SyncState.CHANGED


@pytest.mark.usefixtures("scheduler", "web")
def test_an_edit_in_xero_shows_here_within_seconds(
    shop: Shop, tmp_path: Path, shop_environment: dict[str, str], customers: list[Contact]
) -> None:
    ann = customers[0]
    with running(tmp_path / "worker.log", shop_environment, "worker", "upkeep", says="worker.started"):
        until(lambda: is_polled(shop), "the first poll is over")
        shop.xero.webhooks("faults", kind="repeat")
        shop.xero.edit(xero_id(shop, ann), EmailAddress="xero@shop.example")
        until(lambda: is_seen(shop, ann), "the edit is seen")
    assert all(not request["error"] for request in shop.xero.webhooks()["requests"])


@pytest.mark.usefixtures("web")
def test_an_edit_whose_webhook_is_lost_is_seen_by_the_poll(
    shop: Shop, tmp_path: Path, shop_environment: dict[str, str], customers: list[Contact]
) -> None:
    ann = customers[0]
    environment = shop_environment | {"POSXERO_POLL_SECONDS": "1"}
    with ExitStack() as stack:
        for name, words in (("sweep", ["scheduler"]), ("upkeep", ["worker", "upkeep"])):
            log = tmp_path / f"{name}.log"
            stack.enter_context(running(log, environment, *words, says=f"{words[0]}.started"))
        shop.xero.webhooks("faults", kind="drop")
        shop.xero.edit(xero_id(shop, ann), EmailAddress="xero@shop.example")
        until(lambda: is_seen(shop, ann), "the edit is seen")
    delivered = [one["contacts"] for one in shop.xero.webhooks()["requests"] if one["contacts"] and not one["fault"]]
    assert delivered == []


@pytest.mark.usefixtures("scheduler", "web")
def test_ids_whose_worker_is_killed_are_read_by_the_next(
    shop: Shop, tmp_path: Path, shop_environment: dict[str, str], customers: list[Contact]
) -> None:
    with running(tmp_path / "1.log", shop_environment, "worker", "upkeep", says="worker.started") as first:
        until(lambda: is_polled(shop), "the first poll is over")
        shop.xero.fault("slow", seconds=0.8, path=CONTACTS, query={"includeArchived": "true"})
        for each in customers:
            shop.xero.edit(xero_id(shop, each), EmailAddress="xero@shop.example")
        until(lambda: count(shop, XeroChange) == len(customers), "the ids are stored")
        until(lambda: not shop.xero.faults_left(), "the worker reads them")
        first.kill()
    with running(tmp_path / "2.log", shop_environment, "worker", "upkeep", says="worker.started"):
        until(lambda: count(shop, XeroChange) == 0, "the next worker has read them")
    shop.session.rollback()
    assert set(shop.session.scalars(select(Link.differs))) == {True}
