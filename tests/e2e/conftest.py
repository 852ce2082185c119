from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from posxero.db.migrate import upgrade
from scripts.machine import BROWSERS
from tests.e2e import live
from tests.e2e.snapshots import Snapshots
from tests.e2e.windows import DESKTOP, KINDS, PAGE_TIMEOUT, Watch, usual
from tests.support.practice_server import PracticeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.e2e.live import LiveShop, Premises
    from tests.support.databases import Cluster

QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
TO_INSTALL = (
    "The tests need Chromium. On Debian: apt-get install chromium-headless-shell. Elsewhere set CHROMIUM to it."
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, which makes no calls of its own."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, TO_INSTALL
    return {**browser_type_launch_args, "executable_path": program, "args": QUIET}


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address: each window has its own. The plugin's fixture of this name warns under pytest 9."""


@pytest.fixture(scope="session")
def premises(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Premises]:
    """Web, workers and scheduler on SQLite."""
    folder = tmp_path_factory.mktemp("premises")
    url = f"sqlite:///{folder / 'posxero.db'}"
    upgrade(url)
    with live.premises(folder, url, environment) as running:
        yield running


@pytest.fixture
def large_premises(tmp_path: Path, environment: dict[str, str], cluster: Cluster) -> Iterator[Premises]:
    """The same on PostgreSQL."""
    with live.premises(tmp_path, cluster.clone(), environment) as running:
        yield running


@pytest.fixture
def contacts() -> int:
    """How many contacts Xero has; a test may say otherwise by parameter."""
    return 60


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """What many tests begin with, made once."""
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def xero(tmp_path: Path, practice_port: int, contacts: int) -> Iterator[PracticeServer]:
    """Practice Xero, in no hurry about its limits."""
    server = PracticeServer(tmp_path / "practice.db", contacts=contacts, port=practice_port, **live.GENEROUS)
    yield server
    server.stop()


@pytest.fixture
def shop(premises: Premises, xero: PracticeServer) -> Iterator[LiveShop]:
    """A shop that has just opened: nobody is signed in, nothing is connected."""
    with live.shop(premises, xero) as opened:
        yield opened


@pytest.fixture
def stocked(shop: LiveShop, snapshots: Snapshots, contacts: int) -> LiveShop:
    """A shop that has imported its customers."""
    snapshots.stock(shop, contacts)
    return shop


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Script errors, console errors and violations of the policy fail the test."""
    watching = Watch()
    yield watching
    assert watching.bad == []


@pytest.fixture
def window(new_context: Callable[..., BrowserContext], watch: Watch) -> Callable[..., Page]:
    """Open a window of a browser of its own: `window(DESKTOP)`, `window(PLAIN, shop, Role.STAFF)`."""

    def opened(kind: dict[str, Any] = DESKTOP, shop: LiveShop | None = None, *role: Any, **options: Any) -> Page:
        context = new_context(**{**usual(shop), **kind, **options})
        context.set_default_timeout(PAGE_TIMEOUT)
        watch.over(context)
        if role:
            assert shop is not None
            shop.let_in(context, *role)
        return context.new_page()

    return opened


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Desktop, tablet, and desktop with JavaScript off."""
    return KINDS[request.param]
