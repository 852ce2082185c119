"""Import workers are killed; the next one goes on from the checkpoint, without being asked."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import Phase
from posxero.services.imports.page_reader import PLACES_LEFT
from posxero.services.imports.queries import get
from posxero.services.imports.start import start
from tests.support.importing import MANA, accounted
from tests.support.practice_server import PracticeServer
from tests.support.processes import running, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posxero.db.import_ import Import
    from tests.support.processes import Process
    from tests.support.pushing import Shop

CONTACTS = "/api.xro/2.0/Contacts"
PAGE = 20
WITHIN = 25  # seconds; the leases of these tests are short


@pytest.fixture
def xero(tmp_path: Path) -> Iterator[PracticeServer]:
    """Practice Xero with ten pages of contacts."""
    limits = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50}
    server = PracticeServer(tmp_path / "practice.db", contacts=10 * PAGE, **limits)
    yield server
    server.stop()


@pytest.fixture
def scheduler(tmp_path: Path, process_environment: dict[str, str]) -> Iterator[Process]:
    """The sweep."""
    with running(tmp_path / "sweep.log", process_environment, "scheduler", says="scheduler.started") as process:
        yield process


def begin(shop: Shop) -> Import:
    """Start an import of small pages."""
    run = start(shop.session, shop.jobs, shop.business.id, with_suppliers=False, by=MANA, now=datetime.now(UTC))
    with writing(shop.session):
        run.page_size = PAGE
    return run


def now_of(shop: Shop, run: Import) -> Import:
    shop.session.rollback()
    return get(shop.session, run.business_id, run.id)


@pytest.fixture(params=[0, 3])
def ahead(request: pytest.FixtureRequest) -> int:
    """How many pages are in flight while another is stored: a killed worker asked for them in vain."""
    return int(request.param)


@pytest.fixture
def process_environment(process_environment: dict[str, str], ahead: int) -> dict[str, str]:
    """The environment of workers that leave the rest of Xero's calls at once to people."""
    return process_environment | {"POSXERO_XERO_CONCURRENT_LIMIT": str(max(ahead, 1) + PLACES_LEFT)}


def check(shop: Shop, run: Import, *, kills: int, ahead: int) -> None:
    """Everything of Xero is here once, the counts are exact, and little was asked twice."""
    run = now_of(shop, run)
    customers = [c for c in shop.xero.contacts() if c["IsCustomer"] or not c["IsSupplier"]]
    expected = {c["ContactID"] for c in customers if c["ContactStatus"] == "ACTIVE"}
    assert {str(found) for found in shop.session.scalars(select(Link.xero_id))} == expected
    assert shop.session.scalar(select(func.count()).select_from(Contact)) == len(expected) == run.added
    assert run.read == accounted(run) == 10 * PAGE
    assert len(shop.xero.calls(CONTACTS)) <= 11 + kills * (1 + ahead)


@pytest.mark.usefixtures("scheduler")
def test_a_worker_killed_in_a_page_is_followed_by_another(
    shop: Shop, tmp_path: Path, process_environment: dict[str, str], ahead: int
) -> None:
    worker = ("worker", "import")
    with running(tmp_path / "1.log", process_environment, *worker, says="worker.started") as first:
        shop.xero.fault("slow", seconds=0.8, path=CONTACTS, count=2)
        run = begin(shop)
        until(lambda: now_of(shop, run).page == 1, "the first page is stored")
        first.kill()
    with running(tmp_path / "2.log", process_environment, *worker, says="worker.started"):
        until(lambda: now_of(shop, run).phase is Phase.FINISHED, "the import is finished", seconds=WITHIN)
    check(shop, run, kills=1, ahead=ahead)


@pytest.mark.usefixtures("scheduler")
def test_workers_killed_again_and_again_get_there(
    shop: Shop, tmp_path: Path, process_environment: dict[str, str], ahead: int
) -> None:
    shop.xero.fault("slow", seconds=0.25, path=CONTACTS, count=100)
    run, kills = begin(shop), 0
    with ExitStack() as stack:
        while now_of(shop, run).phase is not Phase.FINISHED:
            log = tmp_path / f"{kills}.log"
            worker = stack.enter_context(running(log, process_environment, "worker", "import", says="worker.started"))
            seen = now_of(shop, run).read
            until(
                lambda seen=seen: now_of(shop, run).read > seen or now_of(shop, run).phase is Phase.FINISHED,  # type: ignore[misc]
                "something more is read",
                seconds=WITHIN,
            )
            if kills < 2:
                worker.kill()
                kills += 1
            else:
                until(lambda: now_of(shop, run).phase is Phase.FINISHED, "the import is finished", seconds=WITHIN)
    assert kills == 2
    check(shop, run, kills=kills, ahead=ahead)
