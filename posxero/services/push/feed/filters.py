"""What a person looks for in Sync activity: a kind, a person, a customer, days."""

from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.push_state import PushState
from posxero.domain.query import parse

CONNECTION: Final = "connection"  # `?kind=` of what is about the connection to Xero, and about no contact
MAX_CONTACTS: Final = 200  # of a search whose entries are gathered contact by contact


class FeedFilter(NamedTuple):
    """What is listed of a tab; what is empty is not looked at.

    Attributes:
        kind: The name of a kind, or `CONNECTION`.
        person: Whose change it was, by name.
        text: Words of the contact's name, email, phone or code.
        since: The earliest time; only of what was done.
        until: The time before which it was; only of what was done.
    """

    kind: str = ""
    person: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def wants(self, kind_name: str) -> bool:
        """Return whether a kind is listed."""
        return self.kind in {"", kind_name}

    def of_rows(self, table: type[PushState], business_id: UUID) -> list[ColumnElement[bool]]:
        """Return the conditions on the rows of a kind."""
        conditions = [table.owed_by == self.person] if self.person else []
        if self.text:
            conditions.append(table.contact_id.in_(contacts_named(business_id, self.text)))
        return conditions

    def of_entries(self, session: Session, business_id: UUID) -> list[ColumnElement[bool]]:
        """Return the conditions on the entries of the history.

        The contacts of a search are looked up first: few are gathered by the index of a contact's history, many are
        met soon on the way back in time.
        """
        conditions: list[ColumnElement[bool]] = []
        if self.person:
            conditions.append(Activity.on_behalf_of == self.person)
        if self.text:
            named = contacts_named(business_id, self.text)
            found = session.scalars(named.limit(MAX_CONTACTS + 1)).all()
            of_entry = exists(named.where(Contact.id == Activity.contact_id).correlate(Activity))
            conditions.append(Activity.contact_id.in_(found) if len(found) <= MAX_CONTACTS else of_entry)
        if self.since:
            conditions.append(Activity.at >= self.since)
        if self.until:
            conditions.append(Activity.at < self.until)
        return conditions


def contacts_named(business_id: UUID, text: str) -> Select[UUID]:
    """Return the select of the ids of contacts that a search for the text finds."""
    query = parse(text)
    found: Any = Contact.name_key.startswith(query.name_prefix, autoescape=True)
    if query.terms:
        found = Contact.search_text.like(query.patterns[0])
        for pattern in query.patterns[1:]:
            found &= Contact.search_text.like(pattern)
    return select(Contact.id).where(Contact.business_id == business_id, found)
