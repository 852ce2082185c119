"""A shop that hears of changes in Xero, whose checks and reads are run by hand, in a time of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from posxero.db.base import CLOCK
from posxero.db.drift_check import DriftCheck
from posxero.db.engine import writing
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory, DriftKind
from posxero.services import sweep
from posxero.services.drift import changes, inbox, passes
from posxero.xero.webhooks import Event
from tests.support.pushing import Shop

if TYPE_CHECKING:
    from uuid import UUID

    from posxero.db.contact import Contact


@dataclass
class DriftShop(Shop):
    """One business and its Xero; `passed` is how far its clock is ahead."""

    passed: timedelta = field(default_factory=timedelta)

    def __post_init__(self) -> None:
        self.session.info[CLOCK] = self.now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def sweep(self) -> None:
        """Let the scheduler look once."""
        sweep.run(self.session, self.jobs, self.ports.settings.timings, now=self.now())

    def check(self, kind: DriftKind) -> DriftCheck:
        """Read a check as it is now."""
        query = select(DriftCheck).where(DriftCheck.kind == kind, DriftCheck.business_id == self.business.id)
        found = self.session.scalars(query.execution_options(populate_existing=True)).one()
        self.session.commit()
        return found

    def run(self, kind: DriftKind) -> bool:
        """Let a check be due, claim it and let a worker have one turn."""
        with writing(self.session):
            due = {"due_at": self.now(), "scheduled_at": self.now(), "lease_token": None, "lease_until": None}
            self.session.execute(update(DriftCheck).where(DriftCheck.kind == kind).values(due))
        self.sweep()
        return passes.run(self.session, self.business.id, kind, self.ports)

    def poll(self) -> bool:
        return self.run(DriftKind.POLL)

    def walk(self) -> bool:
        return self.run(DriftKind.WALK)

    def hear(self, *xero_ids: UUID | None, at: datetime | None = None, **more: Any) -> int:
        """Receive a webhook about contacts."""
        category = more.get("category", ChangeCategory.CONTACT)
        tenant_id = more.get("tenant_id", self.connection.tenant_id)
        events = [Event(tenant_id, category, xero_id, at) for xero_id in xero_ids if xero_id]
        return inbox.receive(self.session, events, now=self.now(), jobs=self.jobs)

    def read(self) -> bool:
        """Let a worker read what webhooks named."""
        return changes.read_changes(self.session, self.business.id, self.ports)

    def waiting(self) -> int:
        """Count the ids that are to be read."""
        count = self.session.scalar(select(func.count()).select_from(XeroChange)) or 0
        self.session.commit()
        return count

    def gets(self) -> list[dict[str, Any]]:
        """List the reads that Xero was asked for."""
        return self.xero.calls("/api.xro/2.0/Contacts", "GET")

    def theirs(self, contact: Contact) -> UUID:
        """Return the id of a customer in Xero."""
        xero_id = self.link(contact).xero_id
        assert xero_id is not None
        return xero_id
