"""A whole shop for a real browser: pages, workers and scheduler on SQLite and Valkey, beside a Practice Xero."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from posxero.app import create_app
from posxero.db.engine import prepare
from posxero.db.migrate import upgrade
from posxero.domain.words import Role
from posxero.settings import Settings
from posxero.supervisor.spawn import spawn
from tests import people
from tests.databases import Database
from tests.e2e.shop import Shop
from tests.practice_server import PracticeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Page

    from tests.valkey import Server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
LIMITS = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50}  # of Practice Xero
HURRY = {
    "POSXERO_SWEEP_SECONDS": "1",
    "POSXERO_XERO_MINUTE_LIMIT": "10000",
    "POSXERO_XERO_DAY_LIMIT": "100000",
    "POSXERO_XERO_CONCURRENT_LIMIT": "50",
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the machine's Chromium, and have it call nobody."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A tablet on the shop floor, lying on its side."""
    return {
        **browser_context_args,
        "viewport": {"width": 1180, "height": 820},
        "has_touch": True,
        "locale": "en-NZ",
        "timezone_id": "Pacific/Auckland",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def shop_environment(
    environment: dict[str, str], valkey: Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What every process of the shop is told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"sqlite:///{tmp_path_factory.mktemp('e2e') / 'posxero.db'}"
    upgrade(url)
    addresses = {"POSXERO_DATABASE_URL": url, "POSXERO_REDIS_URL": valkey.url}
    return {**environment, **addresses, **HURRY, "POSXERO_PUBLIC_URL": f"http://127.0.0.1:{port}"}


class Silent(WSGIRequestHandler):
    """Logs no requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def shop_app(shop_environment: dict[str, str]) -> Iterator[Flask]:
    """The app, serving its pages in a thread."""
    app = create_app(Settings.from_env(shop_environment))
    port = int(shop_environment["POSXERO_PUBLIC_URL"].rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def base_url(shop_environment: dict[str, str], shop_app: Flask) -> str:  # noqa: ARG001
    """Where `page.goto("/customers")` goes."""
    return shop_environment["POSXERO_PUBLIC_URL"]


@pytest.fixture(scope="session")
def workers(shop_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The processes that talk to Xero."""
    folder = tmp_path_factory.mktemp("workers")
    processes = []
    for words in (["worker", "push"], ["worker", "import"], ["scheduler"]):
        with (folder / f"{words[-1]}.log").open("wb") as log:
            command = [sys.executable, "-m", "posxero", *words]
            processes.append(spawn(command, env={**os.environ, **shop_environment}, output=log))
    yield
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)


@pytest.fixture(scope="session")
def shop_database(shop_environment: dict[str, str]) -> Iterator[Database]:
    """The shop's database."""
    database = Database.at(shop_environment["POSXERO_DATABASE_URL"])
    yield database
    database.engine.dispose()


@pytest.fixture
def xero(tmp_path: Path, practice_port: int) -> Iterator[PracticeServer]:
    """Practice Xero with 1,200 contacts, in no hurry about its limits."""
    server = PracticeServer(tmp_path / "practice.db", contacts=1200, port=practice_port, **LIMITS)
    yield server
    server.stop()


@pytest.fixture
def shop(
    page: Page,
    shop_app: Flask,
    shop_database: Database,
    xero: PracticeServer,
    workers: None,  # noqa: ARG001
    redis_url: str,  # noqa: ARG001
) -> Iterator[Shop]:
    """A shop with a person of each role, not connected to Xero yet; nobody is signed in."""
    engine = create_engine(shop_database.url)
    prepare(engine)
    with Session(engine, expire_on_commit=False) as session:
        business = people.open_shop(session, "Kowhai Clothing")
        names = {Role.OWNER: "Olive", Role.MANAGER: "Mana", Role.STAFF: "Sam", Role.BOOKKEEPER: "Bo"}
        staff = {role: people.hire(session, business, role, name) for role, name in names.items()}
        yield Shop(page, shop_app, session, business, staff, xero)
    engine.dispose()
    shop_database.empty()


@pytest.fixture(autouse=True)
def no_console_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Script errors and breaches of the content security policy fail every test with a browser."""
    if "page" not in request.fixturenames:
        yield
        return
    page: Page = request.getfixturevalue("page")
    bad: list[str] = []
    page.on("pageerror", lambda error: bad.append(str(error)))
    # Chromium logs every 4xx answer as an error, and 422 is a form's usual answer.
    page.on("console", lambda said: bad.append(said.text) if said.type == "error" and "of 4" not in said.text else None)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + e.blockedURI))"
    )
    yield
    assert not bad, bad
