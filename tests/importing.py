"""A shop that is connected to Practice Xero, and a worker that carries out its imports turn by turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from posxero.db.base import new_id
from posxero.db.connection import Connection, Grant
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.domain.columns import columns_of
from posxero.domain.enums import ConnectionState, Outcome, Phase
from posxero.domain.fields import KEYS
from posxero.ports import Ports
from posxero.queue import JobQueue
from posxero.services.accounts.security_log import Actor
from posxero.services.accounts.throttle.counters import SharedCounters
from posxero.services.accounts.throttle.sign_in import SignInThrottle
from posxero.services.contacts.search.keys import search_columns
from posxero.services.imports.queries import get
from posxero.services.imports.run import run_slice
from posxero.services.imports.start import start
from posxero.xero.limits import Limits
from posxero.xero.transport import open_http
from posxero.xero.vault import Tokens, Vault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.settings import Settings
    from tests.practice_server import PracticeServer

MANA = Actor(name="Mana")


def connect(session: Session, business: Business, xero: PracticeServer, vault: Vault) -> Connection:
    """Connect a business to the first practice organisation, without its pages."""
    tokens = xero.tokens()
    now = datetime.now(UTC)
    grant = Grant(id=new_id(), tokens=b"", expires_at=now + timedelta(minutes=30), refreshed_at=now)
    grant.tokens = vault.seal(
        grant.id, Tokens(tokens["access_token"], tokens["refresh_token"]), business_id=business.id
    )
    connection = Connection(
        business_id=business.id,
        id=new_id(),
        tenant_id=UUID(xero.tenant),
        xero_connection_id="1",
        name="Kiwi Outfitters",
        state=ConnectionState.CONNECTED,
        grant_id=grant.id,
        connected_at=now,
        connected_by="Olive",
    )
    session.add_all([grant, connection])
    session.commit()
    return connection


class Recorded(JobQueue):
    """Hints that go nowhere, and are remembered."""

    def __init__(self) -> None:
        super().__init__(None)
        self.imports: list[UUID] = []

    def run_import(self, business_id: UUID, import_id: UUID) -> None:  # noqa: ARG002
        self.imports.append(import_id)


@dataclass
class Importer:
    """Starts imports of one shop and works on them. `later` moves the database's clock; Xero's pages may be small."""

    session: Session
    business: Business
    ports: Ports
    jobs: Recorded
    later: timedelta = timedelta()
    page_size: int = 1000

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.later

    def start(self, *, with_suppliers: bool = False) -> Import:
        now = self.clock()
        run = start(self.session, self.jobs, self.business.id, with_suppliers=with_suppliers, by=MANA, now=now)
        run.page_size = self.page_size
        self.session.commit()
        return run

    def turn(self, run: Import, session: Session | None = None) -> Import:
        """Let a worker have one turn."""
        chosen = session or self.session
        run_slice(chosen, run.business_id, run.id, ports=self.ports, jobs=self.jobs, clock=self.clock)
        return get(chosen, run.business_id, run.id)

    def finish(self, run: Import) -> Import:
        """Take turns until the import is over, waits for a person, or must wait."""
        for _ in range(50):
            run = self.turn(run)
            if run.phase.over or run.phase is Phase.REVIEW or run.paused_until is not None:
                return run
        raise AssertionError(f"still {run.phase}")

    def add(self, **values: Any) -> Contact:
        """Add a customer that was here before; `values` are fields by key, and columns like archived_at."""
        now = self.clock()
        kept = {key: str(values.pop(key, "")) for key in KEYS}
        contact = Contact(
            business_id=self.business.id,
            id=new_id(),
            created_at=now,
            updated_at=now,
            **columns_of(kept),
            **search_columns(kept, self.business.country),
            **values,
        )
        self.session.add(contact)
        self.session.commit()
        return contact

    def count(self, table: type[Contact | Link]) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0

    def row(self, run: Import, xero_id: object) -> ImportRow:
        return self.session.get_one(ImportRow, (run.business_id, run.id, UUID(str(xero_id))), populate_existing=True)

    def contact(self, xero_id: object) -> Contact:
        """Return the contact that is linked to one of Xero."""
        found = select(Contact).join(Link, Link.contact_id == Contact.id).where(Link.xero_id == UUID(str(xero_id)))
        return self.session.scalars(found.execution_options(populate_existing=True)).one()


def ports(settings: Settings) -> tuple[Ports, Recorded]:
    """Build what services need of the outside, without the app."""
    jobs = Recorded()
    http = open_http(settings)
    built = Ports(
        settings=settings,
        vault=Vault(settings.token_keys),
        limits=Limits.connect(settings),
        http=http,
        jobs=jobs,
        throttle=SignInThrottle(SharedCounters(None), settings.secret_key),
    )
    return built, jobs


def accounted(run: Import) -> int:
    """Add up what became of the contacts."""
    return sum(getattr(run, outcome.value) for outcome in Outcome)
