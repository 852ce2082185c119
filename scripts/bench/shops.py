"""Empty shops to measure in: a database of either kind, one business, and a Valkey."""

from __future__ import annotations

import logging
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from posxero.app import create_app
from posxero.db.engine import prepare
from posxero.db.migrate import upgrade
from posxero.domain.enums import Role
from posxero.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.databases import Cluster
from tests.support.valkey import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from posxero.db.business import Business

DATABASES = ("sqlite", "postgresql")
SECRETS = {
    "POSXERO_SECRET_KEY": "a-secret-key-for-benches-only-0123456789",
    "POSXERO_TOKEN_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "POSXERO_PUBLIC_URL": "http://localhost:8000",
    "POSXERO_XERO_CLIENT_ID": "practice",
    "POSXERO_XERO_CLIENT_SECRET": "practice-secret",
    "POSXERO_XERO_MINUTE_LIMIT": "100000",
    "POSXERO_XERO_DAY_LIMIT": "1000000",
    "POSXERO_XERO_CONCURRENT_LIMIT": "50",
}


@dataclass(frozen=True)
class Shop:
    """A business in a database of its own."""

    kind: str
    engine: Engine
    session: Session
    business: Business
    environment: dict[str, str]

    def settings(self, **more: str) -> Settings:
        """Read the settings, with more of an environment."""
        return Settings.from_env({**self.environment, **more})


class Shops:
    """Opens shops. The servers behind them start when they are first wanted."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self._home = home
        self._stack = stack
        self._cluster: Cluster | None = None
        self.valkey = Server(home / "valkey")
        stack.callback(self.valkey.stop)

    @contextmanager
    def open(self, kind: str) -> Iterator[Shop]:
        """Open an empty shop, and close it at the end of the block."""
        with ExitStack() as stack:
            url = self._url(kind, stack)
            engine = create_engine(url)
            stack.callback(engine.dispose)
            prepare(engine)
            session = stack.enter_context(Session(engine, expire_on_commit=False))
            business = people.open_shop(session, "Kowhai Clothing")
            places = {"POSXERO_DATABASE_URL": url, "POSXERO_REDIS_URL": self.valkey.url}
            environment = SECRETS | places | {"POSXERO_DATA_DIR": str(self._home)}
            yield Shop(kind, engine, session, business, environment)

    def _url(self, kind: str, stack: ExitStack) -> str:
        if kind == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=self._home))
            url = f"sqlite:///{folder}/posxero.db"
            upgrade(url)
            return url
        if self._cluster is None:
            self._cluster = Cluster()
            self._stack.callback(self._cluster.stop)
        return self._cluster.clone()


def browser_of(shop: Shop, **more: str) -> Browser:
    """Build the app of a shop, and sign its owner in."""
    app = create_app(shop.settings(**more))
    be_quiet()  # building it set up its logs
    return people.sign_in(shop.session, Browser(app), people.hire(shop.session, shop.business, Role.OWNER, "Olive"))


@contextmanager
def shops() -> Iterator[Shops]:
    """Make a place for shops, gone at the end of the block."""
    be_quiet()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pxbench-")))
        yield Shops(home, stack)


def be_quiet() -> None:
    """Log errors only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
