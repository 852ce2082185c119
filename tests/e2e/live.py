"""A shop as shops run it: web, workers, scheduler, Valkey and a database, with Practice Xero beside."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx2
from redis import Redis
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from posxero.db.business import Business, User, UserSession
from posxero.db.contact import Contact, Link
from posxero.db.engine import prepare, refuse_deferred_writes, writing
from posxero.db.import_ import Import
from posxero.domain.enums import Phase, Role
from posxero.settings import Settings
from tests.support import factories, importing, people
from tests.support.databases import Database
from tests.support.fakes import open_ports
from tests.support.practice_server import NO_TLS
from tests.support.processes import Process, until
from tests.support.valkey import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import BrowserContext
    from sqlalchemy import Engine

    from tests.support.practice_server import PracticeServer

QUICK = {
    "POSXERO_XERO_MINUTE_LIMIT": "10000",
    "POSXERO_XERO_DAY_LIMIT": "100000",
    "POSXERO_XERO_CONCURRENT_LIMIT": "50",
    "POSXERO_SWEEP_SECONDS": "1",
    "POSXERO_LEASE_SECONDS": "12",
    "POSXERO_READ_SECONDS": "3",
}
GENEROUS = {"minute_limit": 10_000, "day_limit": 100_000, "concurrent_limit": 50}  # Practice Xero's, as in QUICK
PROCESSES = {"web": "", "worker push": "worker.started", "worker import": "worker.started", "scheduler": "started"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Premises:
    """The running processes of one database, which the tests of a kind share; each test finds it empty."""

    url: str
    settings: Settings
    database: Database
    engine: Engine
    valkey: Server

    @property
    def secret_key(self) -> str:
        return self.settings.secret_key

    def empty(self) -> None:
        """Forget what a test did; what RQ's workers know of themselves stays."""
        self.database.empty()
        with Redis.from_url(self.valkey.url) as redis:
            for key in redis.scan_iter("posxero:*"):
                redis.delete(key)


@contextmanager
def premises(folder: Path, database_url: str, environment: Mapping[str, str]) -> Iterator[Premises]:
    """Run web, one worker for each queue and the scheduler on a migrated database."""
    with ExitStack() as stack:
        port = free_port()
        valkey = Server(folder / "valkey")
        stack.callback(valkey.stop)
        url = f"http://localhost:{port}"
        addresses = {"DATABASE_URL": database_url, "REDIS_URL": valkey.url, "PUBLIC_URL": url, "DATA_DIR": str(folder)}
        env = {**environment, **QUICK} | {f"POSXERO_{name}": value for name, value in addresses.items()}
        processes = {}
        for words, says in PROCESSES.items():
            options = ["--port", str(port)] if words == "web" else []
            process = Process([*words.split(), *options], env, folder / f"{words}.log")
            stack.callback(process.kill)
            processes[process] = says
        database = Database.at(database_url)
        stack.callback(database.engine.dispose)
        until(lambda: all(process.said(says) for process, says in processes.items()), "the processes have started")
        until(lambda: _answers(url), f"{url} answers")
        engine = create_engine(database_url)
        stack.callback(engine.dispose)
        prepare(engine)
        refuse_deferred_writes(engine)  # the tests' own writes too: other processes write beside them
        yield Premises(url, Settings.from_env(env), database, engine, valkey)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz", verify=NO_TLS).status_code == 200
    except httpx2.TransportError:
        return False


class Watched(importing.Importer):
    """Starts imports, which the scheduler finds and the worker carries out."""

    def finish(self, run: Import, *_: object) -> Import:
        """Wait until the import is over, or waits for a person."""
        until(lambda: self._is_over(run), "the import is over")
        self.session.refresh(run)
        self.session.commit()
        return run

    def _is_over(self, run: Import) -> bool:
        phase = self.session.scalars(select(Import.phase).where(Import.id == run.id)).one()
        self.session.rollback()
        return phase.is_over or phase is Phase.REVIEW


@dataclass
class LiveShop:
    """One business on the premises, with its people, as a test sees it."""

    premises: Premises
    xero: PracticeServer
    session: Session
    business: Business
    staff: dict[Role, User] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.premises.url

    def person(self, role: Role) -> User:
        """Return the person of a role: Olive, Mana, Sam or Bo."""
        if role not in self.staff:
            names = {Role.OWNER: "Olive", Role.MANAGER: "Mana", Role.STAFF: "Sam", Role.BOOKKEEPER: "Bo"}
            self.staff[role] = people.hire(self.session, self.business, role, names[role])
        return self.staff[role]

    def let_in(self, context: BrowserContext, role: Role = Role.OWNER) -> None:
        """Sign a person in on a browser, without the form."""
        cookie = people.cookie_of(self.session, self.person(role), self.premises.secret_key)
        context.add_cookies(
            [{"name": "posxero", "value": cookie, "url": self.url, "httpOnly": True, "sameSite": "Lax"}]
        )

    def let_run_out(self) -> None:
        """Let every sign-in go idle."""
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        with writing(self.session):
            self.session.execute(update(UserSession).values(active_at=hour_ago))

    def connect(self) -> None:
        """Connect the shop to Practice Xero, without the consent page."""
        with self.importer() as importer:
            made = factories.add_practice_connection(self.session, self.business, self.xero, importer.ports.vault)
        with writing(self.session):
            made.name, made.short_code = self.xero.organisations[0].name, self.xero.organisations[0].short_code

    def stock(self) -> Import:
        """Connect, and import all customers, without pages."""
        self.connect()
        with self.importer() as importer:
            return importer.finish(importer.start())

    def add(self, name: str, **values: str) -> Contact:
        """Add a customer here only."""
        with self.importer() as importer:
            return importer.add(name=name, **values)

    @contextmanager
    def importer(self) -> Iterator[Watched]:
        """Yield what starts imports without the browser."""
        ports, jobs = open_ports(self.premises.settings)
        yield Watched(self.session, self.business, ports, jobs)
        ports.http.close()

    def contact(self, name: str) -> Contact:
        """Read the contact of a name as it is now."""
        self.session.commit()
        query = select(Contact).where(Contact.name == name).execution_options(populate_existing=True)
        return self.session.scalars(query).one()

    def names(self) -> list[str]:
        """List the names of all contacts."""
        self.session.commit()
        return list(self.session.scalars(select(Contact.name).order_by(Contact.name)))

    def held(self, contact: Contact) -> dict[str, Any]:
        """Return a contact as Xero holds it."""
        self.session.commit()
        xero_id = self.session.scalar(select(Link.xero_id).where(Link.contact_id == contact.id))
        assert isinstance(xero_id, UUID)
        return self.xero.contact(xero_id)


@contextmanager
def shop(premises: Premises, xero: PracticeServer) -> Iterator[LiveShop]:
    """Open a shop, and leave the premises empty."""
    with Session(premises.engine, expire_on_commit=False) as session:
        yield LiveShop(premises, xero, session, people.open_shop(session, "Kowhai Clothing"))
    premises.empty()
