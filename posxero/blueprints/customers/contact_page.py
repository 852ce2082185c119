"""What the page of one contact shows: the contact, its link, its badge, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self
from uuid import UUID

from flask import g

from posxero.blueprints.customers.problem import Problem, refused_field
from posxero.db.contact import Contact, Link
from posxero.db.session import db
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, differences, sent_keys
from posxero.domain.enums import ConnectionState, LinkState, SyncState
from posxero.domain.field import Field, Group
from posxero.domain.fields import groups
from posxero.domain.refusals import RefusalKind
from posxero.domain.states import Badge
from posxero.ports import current_ports
from posxero.services.contacts import contacts
from posxero.services.drift.differences import xero_values
from posxero.services.merging import queries
from posxero.services.merging.queries import MergedCustomer
from posxero.services.owed import is_owed
from posxero.services.push import linking
from posxero.services.push.links.merges import Survivor
from posxero.services.sales.receivables import past_invoices
from posxero.services.sync_status import badges
from posxero.services.sync_status.connection_status import ConnectionStatus
from posxero.web.request_time import request_time
from posxero.web.sync_messages import badge_detail
from posxero.web.sync_status import connection_status

MAX_POLLS = 40  # every 3 s: a badge stops asking after two minutes


@dataclass(frozen=True)
class Fact:
    """One field of a contact, and who recorded its value when, where the contact keeps that."""

    field: Field
    value: str
    recorded_at: datetime | None = None
    source: str = ""

    @classmethod
    def of(cls, contact: Contact, field: Field) -> Self:
        """Read a field of a contact."""
        value = field.kind.render(getattr(contact, field.key))
        if field.provenance is None:
            return cls(field, value)
        at, source = field.provenance
        return cls(field, value, getattr(contact, at), getattr(contact, source))


@dataclass(frozen=True)
class ContactPage:
    """One contact, as its page shows it at a moment."""

    contact: Contact
    link: Link | None
    status: ConnectionStatus
    now: datetime

    @classmethod
    def of(cls, contact_id: UUID) -> Self:
        """Load a contact of the signed-in person's business.

        Raises:
            NotFound: It is not there, or it is another business's.
            Erased: Its details were erased.
            Merged: It was merged into another.
        """
        status = connection_status()
        contact, link = contacts.with_link(db.session, g.business.id, contact_id, status.tenant_id)
        return cls(contact, link, status, request_time())

    @cached_property
    def badge(self) -> Badge:
        """Its sync state."""
        return badges.badge_of_link(self.status, self.link, self.now)

    @property
    def waiting(self) -> bool:
        """Return whether it is on its way to Xero."""
        return self.badge.state is SyncState.WAITING

    @property
    def is_owed(self) -> bool:
        """Return whether Xero does not have all that was saved here."""
        return self.link is not None and is_owed(self.link)

    @property
    def unsettled(self) -> bool:
        """Return whether the badge may soon change unasked: a pause ends, a lost connection does not."""
        connected = self.status.connection is not None and self.status.connection.state is ConnectionState.CONNECTED
        return self.waiting or (connected and (self.badge.state is SyncState.PAUSED or self.is_looked_up))

    @property
    def is_looked_up(self) -> bool:
        """Return whether Xero is being asked into which contact this one was merged."""
        return self.link is not None and self.link.state is LinkState.MERGED and Survivor.of(self.link) is None

    @cached_property
    def problem(self) -> Problem | None:
        """What keeps it from Xero until somebody cures it; None when nothing does."""
        return Problem.of(self.contact.name, self.link, self.badge, self.status)

    @property
    def refused_by_xero(self) -> dict[str, str]:
        """The field that Xero did not accept, as far as its words tell, with a sentence; by key."""
        if self.link is None or self.badge.state is not SyncState.FAILED:
            return {}
        return refused_field(self.contact, self.link)

    @property
    def badge_detail(self) -> str:
        """The sentences beside the badge, or in a message: when it was or will be sent, or why not."""
        if self.problem and self.badge.state is SyncState.GONE:
            return self.problem.cause
        return badge_detail(self.badge.state, self.link, self.status, self.now)

    @property
    def may_be_added(self) -> bool:
        """Whether it can be added to Xero as a new contact: it has no link, or one whose contact must be chosen."""
        return self.link is None or self.link.refused_as is RefusalKind.CHOICE_NEEDED

    @property
    def may_undo_link(self) -> bool:
        """Whether the link was made for a contact that was here before, and nothing was sent since."""
        return self.link is not None and linking.may_undo(self.link)

    @property
    def next_check(self) -> datetime | None:
        """When Xero is read again for a request that it did not confirm; None when every outcome is known."""
        link = self.link if self.badge.state is SyncState.SYNCED else None
        return link.verify_again_at if link and link.unconfirmed else None

    @cached_property
    def merged(self) -> Sequence[MergedCustomer]:
        """What was merged into it."""
        return queries.merged_into(db.session, self.contact, self.status.tenant_id, self.now)

    @property
    def organisation(self) -> str:
        """The Xero organisation that it is linked to; "" when it is not."""
        return self.status.connection.name if self.link and self.status.connection else ""

    @property
    def xero_url(self) -> str:
        """The address of the contact in Xero; "" when Xero has none."""
        connection = self.status.connection
        if connection is None or self.link is None or self.link.xero_id is None:
            return ""
        base = current_ports().settings.xero.web_url
        if not connection.short_code:  # the older address finds it in the organisation that was used last
            return f"{base}/Contacts/View/{self.link.xero_id}"
        return f"{base}/app/{connection.short_code}/contacts/contact/{self.link.xero_id}"

    @cached_property
    def differences(self) -> list[Difference]:
        """Where Xero has other details, while nothing of ours is owed."""
        return self.replaced if self.badge.state is SyncState.CHANGED else []

    @cached_property
    def past_invoices(self) -> int | None:
        """How many invoices to it in Xero are known, which print with its name and postal address; None without any."""
        return past_invoices.count(db.session, self.link) if self.link else None

    @cached_property
    def usable_differences(self) -> list[Difference]:
        """The differences whose value in Xero can be used here."""
        return xero_values.usable(self.differences)

    @cached_property
    def replaced(self) -> list[Difference]:
        """What a save replaces in Xero, as far as the copy knows; nothing where Xero has no contact in use."""
        if self.link is None or self.link.xero_id is None or self.link.state.is_gone:
            return []
        copy = XeroCopy.from_json(self.link.copy)
        keys = sent_keys(tax_number_edited=self.contact.tax_number_edited)
        return differences(contacts.values_of(self.contact), copy.values, keys=keys)

    @property
    def facts(self) -> list[tuple[Group, list[Fact]]]:
        """The fields that are not empty, or were changed on record, by group; the name is the page's heading."""
        facts = {group: [Fact.of(self.contact, field) for field in fields] for group, fields in groups().items()}
        return [
            (group, [fact for fact in facts_of if fact.field.key != "name" and (fact.value or fact.recorded_at)])
            for group, facts_of in facts.items()
        ]

    def address(self, group: Group) -> dict[str, str]:
        """Return an address by `AddressPart`, for the group of its fields."""
        return {field.part: getattr(self.contact, field.key) for field in groups()[group] if field.part}
