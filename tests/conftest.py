"""What tests share: both databases, a real Valkey, the app, and the people of two shops."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from redis import ConnectionPool
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from posxero.db.engine import prepare, refuse_deferred_writes
from posxero.db.migrate import upgrade
from posxero.domain.enums import Role
from posxero.settings import Settings
from tests.support import people
from tests.support.append_only import refuse_changed_history
from tests.support.browser import PUBLIC_URL, Browser
from tests.support.databases import Cluster, Database, counted, written_by_a_test
from tests.support.practice_server import PracticeServer
from tests.support.valkey import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from posxero.db.business import Business, User

hypothesis.settings.register_profile("quick", max_examples=20)  # of `make quick`; hypothesis draws 100 otherwise
MEMORY = Path("/dev/shm")  # a file system in memory, on Linux  # noqa: S108
MIN_MEMORY = 2 << 30  # bytes free there; a whole run uses some hundred million
TOKEN_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def pytest_configure() -> None:
    """Keep what tests write in memory where there is room: a fifth of their time is a disk's."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MIN_MEMORY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what every test shares."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this test process."""
    server = Cluster()
    yield server
    server.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database of each kind, empty when a test begins: use `database_url`."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'posxero.db'}"
        upgrade(url)
    else:
        url = request.getfixturevalue("cluster").clone()
    found = Database.at(url)
    yield found
    found.engine.dispose()


@pytest.fixture
def database_url(database: Database) -> Iterator[str]:
    """The address of an empty, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    yield database.url
    database.empty()


@pytest.fixture(scope="session")
def engine(database: Database) -> Iterator[Engine]:
    """An engine prepared as the app prepares its own: use `session`, or `make_session` for a race of several."""
    engine = create_engine(database.url)
    prepare(engine)
    refuse_deferred_writes(engine, unless=written_by_a_test)
    refuse_changed_history(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def make_session(engine: Engine, database_url: str) -> Iterator[Callable[[], Session]]:  # noqa: ARG001
    """Open sessions on an empty database, closed when the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(Session(engine, expire_on_commit=False))


@pytest.fixture
def session(make_session: Callable[[], Session]) -> Session:
    """A session on an empty database."""
    return make_session()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Valkey server of this test process: use `redis_url`."""
    server = Server(tmp_path_factory.mktemp("valkey") / "data")
    yield server
    for pool in (one for one in gc.get_objects() if isinstance(one, ConnectionPool)):
        pool.disconnect()  # an app keeps its connections until its process ends, and this one goes on
    server.stop()


@pytest.fixture
def redis_url(valkey: Server) -> Iterator[str]:
    """The address of an empty Valkey."""
    yield valkey.url
    valkey.empty()


@pytest.fixture(scope="session")
def practice_port() -> int:
    """The port at which `practice` serves; where nobody uses it, Xero is away."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, practice_port: int) -> dict[str, str]:
    """The environment of the tests' processes, without the addresses of the database and of Redis."""
    bases = ("LOGIN", "IDENTITY", "API", "WEB")
    return {
        **{f"POSXERO_XERO_{base}_URL": f"http://127.0.0.1:{practice_port}" for base in bases},
        "POSXERO_DATA_DIR": str(tmp_path_factory.mktemp("shop")),
        "POSXERO_SECRET_KEY": "a-secret-key-for-tests-only-0123456789",
        "POSXERO_TOKEN_KEYS": TOKEN_KEY,
        "POSXERO_PUBLIC_URL": PUBLIC_URL,
        "POSXERO_XERO_CLIENT_ID": "practice",
        "POSXERO_XERO_CLIENT_SECRET": "practice-secret",
        "POSXERO_XERO_WEBHOOK_KEY": "practice-webhook",
    }


@pytest.fixture
def settings(environment: dict[str, str], database_url: str, redis_url: str) -> Settings:
    """Settings on an empty database and an empty Valkey."""
    return Settings.from_env({**environment, "POSXERO_DATABASE_URL": database_url, "POSXERO_REDIS_URL": redis_url})


@pytest.fixture(scope="session")
def built_app(environment: dict[str, str], database: Database, valkey: Server) -> Iterator[Flask]:
    """The app, built once for each kind of database: use `app`."""
    from posxero.app import create_app  # noqa: PLC0415  unit tests do without the third of a second it takes
    from posxero.db.session import db  # noqa: PLC0415  likewise

    addresses = {"POSXERO_DATABASE_URL": database.url, "POSXERO_REDIS_URL": valkey.url}
    app = create_app(Settings.from_env({**environment, **addresses}))
    app.test_client_class = Browser
    app.testing = True
    with app.app_context():
        refuse_deferred_writes(db.engine)
        refuse_changed_history(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(built_app: Flask, settings: Settings) -> Flask:  # noqa: ARG001
    """The app on an empty database and an empty Valkey, told of `settings`."""
    return built_app


@pytest.fixture
def practice(tmp_path: Path, practice_port: int) -> Iterator[PracticeServer]:
    """A Practice Xero with 50 contacts, where the app of `app` looks for Xero."""
    server = PracticeServer(tmp_path / "practice.db", port=practice_port)
    yield server
    server.stop()


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.fixture
def business(session: Session) -> Business:
    """The shop."""
    return people.open_shop(session, "Kowhai Clothing")


@pytest.fixture
def owner(session: Session, business: Business) -> User:
    """Olive owns the shop."""
    return people.hire(session, business, Role.OWNER, "Olive")


@pytest.fixture
def manager(session: Session, business: Business) -> User:
    """Mana manages the shop."""
    return people.hire(session, business, Role.MANAGER, "Mana")


@pytest.fixture
def staff(session: Session, business: Business) -> User:
    """Sam serves in the shop."""
    return people.hire(session, business, Role.STAFF, "Sam")


@pytest.fixture
def bookkeeper(session: Session, business: Business) -> User:
    """Bo keeps the shop's books."""
    return people.hire(session, business, Role.BOOKKEEPER, "Bo")


@pytest.fixture
def other_business(session: Session) -> Business:
    """Another shop, whose rows are nobody's business."""
    return people.open_shop(session, "Rata Books")


@pytest.fixture
def stranger(session: Session, other_business: Business) -> User:
    """Nora owns the other shop."""
    return people.hire(session, other_business, Role.OWNER, "Nora")


@pytest.fixture
def sign_in(session: Session, app: Flask) -> Callable[[User], Browser]:
    """Open a browser in which a person is signed in: `sign_in(owner).get("/customers")`."""

    def open_browser(user: User) -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        return people.sign_in(session, browser, user)

    return open_browser


@pytest.fixture
def count_statements() -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """Count SQL: `with count_statements() as statements: …; assert len(statements) <= 4`."""
    return lambda: counted(Engine)
