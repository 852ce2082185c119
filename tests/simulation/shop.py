"""The shop of a world: its customers, what its people typed, and what somebody changed in Xero."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from posxero.db.base import new_id
from posxero.db.business import Business
from posxero.db.connection import Connection
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.domain.enums import ConnectionState
from posxero.domain.fields import MAPPED
from posxero.services.contacts import contacts, send_ours
from posxero.services.contacts.conflicts import Conflict
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.contacts.submissions import ContactSubmission
from posxero.services.push import linking, retry
from posxero.xero.contact_reading import read_copy
from posxero.xero.decoding import decode
from posxero.xero.shapes import Contacts
from tests.support import factories

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from posxero.ports import Ports
    from tests.simulation.clock import VirtualClock
    from tests.simulation.xero import SimulatedXero

LINKED = 3  # customers that Xero has from the start
TAKEN = "Harbour View Motel"  # a contact of Xero that is no customer here
KEPT: dict[str, Any] = {  # what only Xero has, and no push may touch
    "ContactPersons": [{"FirstName": "Pat", "LastName": "Reid", "EmailAddress": "pat@reid.example"}],
    "BankAccountDetails": "01-0123-0123456-00",
    "AccountsReceivableTaxType": "OUTPUT2",
    "PaymentTerms": {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}},
    "DefaultCurrency": "NZD",
    "TaxNumber": "101-202-303",
}


class Shop:
    """One business connected to Xero, and the truth about it: `saved` by its people, `foreign` typed in Xero."""

    def __init__(self, session: Session, ports: Ports, xero: SimulatedXero, clock: VirtualClock) -> None:
        self.session, self.ports, self.xero, self.clock = session, ports, xero, clock
        self.customers: list[UUID] = []
        self.saved: dict[UUID, dict[str, str]] = {}
        self.foreign: defaultdict[UUID, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.archived: set[UUID] = set()  # in Xero, at any time
        self.refused: set[UUID] = set()  # customers who were given a name that Xero refuses
        now = clock.now()
        self.business = Business(
            id=new_id(), name="Kowhai Clothing", country="NZ", timezone="UTC", currency="NZD", created_at=now
        )
        with writing(session):
            session.add(self.business)
        tenant = {"tenant_id": UUID(xero.tenant), "connected_at": now}
        self.connection = factories.add_connection(session, self.business, **tenant)
        self.connect()
        xero.add(Name=TAKEN)
        self._link_customers()

    def connect(self) -> None:
        """Let the owner consent, for the first time or again."""
        vault, now = self.ports.vault, self.clock.now()
        grant = factories.add_grant(self.session, self.business, self.xero, vault, at=now)
        self._access_token = vault.open(grant.id, grant.tokens).tokens.access
        with writing(self.session):
            connection = self.session.get_one(
                Connection, (self.business.id, self.connection.id), populate_existing=True
            )
            connection.grant_id, connection.state = grant.id, ConnectionState.CONNECTED

    def version(self, contact_id: UUID) -> int:
        """Open the form of a customer; return the version that it shows."""
        found = self.session.scalar(select(Contact.version).where(Contact.id == contact_id)) or 0
        self.session.commit()
        return found

    def save(self, contact_id: UUID, seen: int, **values: str) -> None:
        """Press Save Customer; somebody who saved the same field meanwhile wins."""
        form = ContactSubmission(values=values, seen=seen, confirmed=True, empty_fields=EmptyFields.CLEAR)
        now, jobs = self.clock.now(), self.ports.jobs
        try:
            contacts.save(self.session, self.business, contact_id, form, by="Sam", now=now, jobs=jobs)
        except Conflict:
            return
        self.saved[contact_id] |= values

    def add(self, name: str) -> None:
        """Add a customer who is not in Xero yet, and press Link to Xero."""
        self.link(self.add_unlinked(name, ""))

    def add_unlinked(self, name: str, email: str) -> UUID:
        """Add a customer of whom Xero is not to hear yet."""
        return self._add_contact({"name": name, "email": email}).id

    def link(self, contact_id: UUID) -> None:
        """Press Link to Xero."""
        now, jobs = self.clock.now(), self.ports.jobs
        linking.link_to_xero(self.session, self.business.id, contact_id, by="Mana", now=now, jobs=jobs)

    def send_ours(self, contact_id: UUID) -> None:
        """Press Send ours to Xero."""
        clear, now, jobs = EmptyFields.CLEAR, self.clock.now(), self.ports.jobs
        send_ours.send_ours(self.session, self.business, contact_id, empty_fields=clear, by="Mana", now=now, jobs=jobs)

    def try_again(self, contact_id: UUID) -> None:
        """Press Try again."""
        now, jobs = self.clock.now(), self.ports.jobs
        retry.try_again(self.session, self.business.id, contact_id, by="Sam", now=now, jobs=jobs)

    def xero_id(self, contact_id: UUID) -> UUID | None:
        """Return which contact of Xero a customer is linked to."""
        found = self.session.scalar(select(Link.xero_id).where(Link.contact_id == contact_id))
        self.session.commit()
        return found

    def _link_customers(self) -> None:
        """Add customers to Xero and here, linked as an import links them."""
        for number in range(LINKED):
            self.xero.add(Name=f"Customer {number}", EmailAddress=f"c{number}@first.example", **KEPT)
        bearer = {"Authorization": f"Bearer {self._access_token}", "xero-tenant-id": self.xero.tenant}
        answer = self.xero.http.get("/api.xro/2.0/Contacts", params={"page": 1}, headers=bearer)
        found = decode(answer.content, Contacts).contacts or []
        ours = sorted((one for one in found if one.name != TAKEN), key=lambda one: one.name or "")
        for one in ours:
            copy, now = read_copy(one), self.clock.now()
            contact = self._add_contact(copy.values)
            columns = {"xero_id": one.contact_id, "copy": copy.to_json(), "copied_at": now}
            factories.add_link(self.session, contact, self.connection, at=now, **columns)

    def _add_contact(self, values: dict[str, str]) -> Contact:
        contact = factories.add_contact(self.session, self.business, at=self.clock.now(), **values)
        self.customers.append(contact.id)
        self.saved[contact.id] = {field.key: getattr(contact, field.key) for field in MAPPED}
        return contact
