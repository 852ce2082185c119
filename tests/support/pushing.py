"""A shop connected to Practice Xero, whose customers are linked, and whose pushes are run by hand."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from redis import Redis
from sqlalchemy import select, update

from posxero.db.activity import Activity
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.unconfirmed import UnconfirmedRequest
from posxero.services import owed
from posxero.services.contacts import contacts
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.push import engine
from posxero.services.push.kinds import KINDS
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import load_connection_status
from posxero.xero.client import MAX_IDS, XeroClient
from posxero.xero.contact_reading import read_copy
from posxero.xero.transport import open_http
from tests.support import factories
from tests.support.fakes import RecordingQueue
from tests.support.times import now
from tests.support.transports import InProcess, Intercepting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import httpx2
    from sqlalchemy.orm import Session

    from posxero.db.business import Business
    from posxero.domain.states import Badge
    from posxero.ports import Ports
    from posxero.xero.shapes import Contact as XeroContact
    from tests.support.practice_server import PracticeServer
    from tests.support.transports import Send


@dataclass
class Shop:
    """One business and its Xero."""

    session: Session
    business: Business
    connection: Connection
    ports: Ports
    xero: PracticeServer
    jobs: RecordingQueue = field(default_factory=RecordingQueue)

    def customer(self, name: str, **values: str) -> Contact:
        """Add a customer here and in Xero, linked as an import links."""
        return self.customers([name], **values)[0]

    def customers(self, names: Sequence[str], **values: str) -> list[Contact]:
        """Add customers here and in Xero, linked as an import links."""
        held = {name: UUID(self.xero.add(Name=name)["ContactID"]) for name in names}
        ids = list(held.values())
        contacts = [factories.new_contact(self.business, name, at=now(), **values) for name in names]
        factories.store(self.session, *contacts)
        client = XeroClient(self.ports.http, self.xero.url, self.connection.tenant_id, self._token(), self.ports.limits)
        asked = [client.contacts_by_ids(ids[at : at + MAX_IDS]) for at in range(0, len(ids), MAX_IDS)]
        found = {each.contact_id: each for answer in asked for each in answer}
        links = [self._as_read(contact, found[held[contact.name]]) for contact in contacts]
        factories.store(self.session, *links)
        self.xero.clear_calls()
        return contacts

    def _as_read(self, contact: Contact, theirs: XeroContact) -> Link:
        columns = {"xero_id": theirs.contact_id, "copy": read_copy(theirs).to_json(), "copied_at": now()}
        return factories.new_link(contact, self.connection, at=now(), **columns)

    def unlinked(self, name: str, **values: str) -> Contact:
        """Add a customer here only."""
        return factories.add_contact(self.session, self.business, name, at=now(), **values)

    def edit(self, contact: Contact, session: Session | None = None, **values: str) -> Contact:
        """Press Save Customer."""
        chosen = session or self.session
        seen = chosen.scalar(select(Contact.version).where(Contact.id == contact.id)) or 0
        chosen.commit()
        form = ContactSubmission(values=values, seen=seen, confirmed=True)
        saved = contacts.save(chosen, self.business, contact.id, form, by="Sam", now=now(), jobs=self.jobs)
        return saved.contact

    def set_email(self, customers: Sequence[Contact], email: str) -> None:
        """Let Xero be owed another email of many customers, at once and without their history."""
        with writing(self.session):
            for contact in customers:
                contact.email = email
                owed.owe(self.session, contact, by="Sam", now=now())

    def push(self, session: Session | None = None) -> None:
        """Let a push worker have one turn."""
        engine.push(session or self.session, self.business.id, self.ports)

    @contextmanager
    def intercepting(self, handle: Callable[[httpx2.Request, Send], httpx2.Response]) -> Iterator[None]:
        """Pass the requests to Xero through `handle` within the block (`Intercepting`)."""
        ports = self.ports
        with open_http(ports.settings, transport=Intercepting(handle, InProcess(self.xero.app))) as http:
            self.ports = replace(ports, http=http)
            yield
        self.ports = ports

    def wait_over(self) -> None:
        """Let every wait be over, leases too."""
        with writing(self.session):
            self.session.execute(update(Connection).values(paused_until=None, backlog_until=None))
            for kind in KINDS:
                self.session.execute(update(kind.table).values(next_try_at=None))
        self.leases_over()

    def later(self, **passed: float) -> None:
        """Let time pass for everything that is written down to be done later (`minutes=2`)."""
        by = timedelta(**passed)
        self.wait_over()
        with writing(self.session):
            for link in self.session.scalars(select(Link).execution_options(populate_existing=True)):
                unconfirmed = [UnconfirmedRequest.from_json(one) for one in link.unconfirmed]
                earlier = [
                    replace(request, checks=tuple(check - by for check in request.checks)) for request in unconfirmed
                ]
                link.unconfirmed = [request.to_json() for request in earlier]
                link.verify_again_at = link.verify_again_at and link.verify_again_at - by
                link.owed_at = link.owed_at and link.owed_at - by
                link.creation_started_at = link.creation_started_at and link.creation_started_at - by

    def forget_limits(self, redis_url: str) -> None:
        """Forget the calls that were counted, and what Retry-After blocked."""
        with Redis.from_url(redis_url) as redis:
            redis.flushall()

    def leases_over(self) -> None:
        """Let every lease run out."""
        past = datetime(2020, 1, 1, tzinfo=UTC)
        with writing(self.session):
            for kind in KINDS:
                held = kind.table.lease_until.is_not(None)
                self.session.execute(update(kind.table).where(held).values(lease_until=past))

    def link(self, contact: Contact) -> Link:
        """Read the link as it is now."""
        query = select(Link).where(Link.contact_id == contact.id).execution_options(populate_existing=True)
        found = self.session.scalars(query).one()
        self.session.commit()
        return found

    def badge(self, contact: Contact) -> Badge:
        """Read what the badge says."""
        self.session.expire_all()
        status = load_connection_status(self.session, self.business.id)
        return badges.badge_of_link(status, badges.link_of(self.session, contact, status), now())

    def held(self, contact: Contact) -> dict[str, Any]:
        """Return the contact as Xero holds it."""
        return self.xero.contact(self.link(contact).xero_id)

    def history(self, contact: Contact) -> list[Activity]:
        """List what happened, the oldest first."""
        return list(
            self.session.scalars(select(Activity).where(Activity.contact_id == contact.id).order_by(Activity.id))
        )

    def posts(self) -> int:
        """Count the writes that reached Xero."""
        return len(self.xero.calls("/api.xro", "POST")) + len(self.xero.calls("/api.xro", "PUT"))

    def _token(self) -> str:
        grant = self.connection.grant
        assert grant is not None
        return self.ports.vault.open(grant.id, grant.tokens).tokens.access
