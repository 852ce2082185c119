"""A shop that is connected to Practice Xero, and a worker that carries out its imports turn by turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.services.accounts.security_log import Actor
from posxero.services.imports import review
from posxero.services.imports.queries import get
from posxero.services.imports.run import run_slice
from posxero.services.imports.start import start
from tests.support import factories

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.ports import Ports
    from posxero.services.imports.review import ReviewChoice
    from tests.support.fakes import RecordingQueue

MANA = Actor(name="Mana")


@dataclass
class Importer:
    """Starts imports of one shop and works on them. `later` moves the database's clock; Xero's pages may be small."""

    session: Session
    business: Business
    ports: Ports
    jobs: RecordingQueue
    later: timedelta = timedelta()
    page_size: int = 1000

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.later

    def start(self, *, with_suppliers: bool = False) -> Import:
        now = self.clock()
        run = start(self.session, self.jobs, self.business.id, with_suppliers=with_suppliers, by=MANA, now=now)
        with writing(self.session):
            run.page_size = self.page_size
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
            if run.phase.is_over or run.phase is Phase.REVIEW or run.paused_until is not None:
                return run
        raise AssertionError(f"still {run.phase}")

    def add(self, **values: Any) -> Contact:
        """Add a customer that was here before; `values` are fields by key, and columns like archived_at."""
        return factories.add_contact(self.session, self.business, at=self.clock(), **{"name": "", **values})

    def count(self, table: type[Contact | Link]) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0

    def row(self, run: Import, xero_id: object) -> ImportRow:
        return self.session.get_one(ImportRow, (run.business_id, run.id, UUID(str(xero_id))), populate_existing=True)

    def contact(self, xero_id: object) -> Contact:
        """Return the contact that is linked to one of Xero."""
        found = select(Contact).join(Link, Link.contact_id == Contact.id).where(Link.xero_id == UUID(str(xero_id)))
        return self.session.scalars(found.execution_options(populate_existing=True)).one()


def accounted(run: Import) -> int:
    """Add up what became of the contacts."""
    return sum(getattr(run, outcome.value) for outcome in Outcome)


def decide(importer: Importer, run: Import, choices: dict[str, ReviewChoice]) -> None:
    """Decide contacts of a review, by their ids in Xero."""
    chosen = {UUID(xero_id): choice for xero_id, choice in choices.items()}
    review.decide(importer.session, run.business_id, run.id, chosen)


def go_on(importer: Importer, run: Import) -> Import:
    """End the review, and finish the import."""
    review.continue_import(importer.session, importer.jobs, run.business_id, run.id, now=importer.clock())
    return importer.finish(run)
