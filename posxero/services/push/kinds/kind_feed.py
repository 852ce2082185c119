"""How the rows of a kind read in Sync activity."""

from abc import ABC, abstractmethod
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, select
from sqlalchemy.orm import InstrumentedAttribute

from posxero.db.contact import Contact
from posxero.db.push_state import PushState
from posxero.domain.states import LinkFacts


class FeedTitle(NamedTuple):
    """How a row reads, and on whose page it is cured.

    Attributes:
        text: The title.
        page: "customers" or "suppliers".
        page_id: The id in the address of that page.
    """

    text: str
    page: str
    page_id: UUID


class KindFeed(ABC):
    """What Sync activity asks a kind about its rows. By default a row reads as something about its contact."""

    table: type[PushState]

    def address_id(self) -> InstrumentedAttribute[UUID]:
        """Return the column by which addresses name a row."""
        return self.table.id

    def select(self) -> Select[*tuple[Any, ...]]:
        """Return the select of rows, each with what `title_of` reads beside it."""
        pair = and_(Contact.business_id == self.table.business_id, Contact.id == self.table.contact_id)
        return select(self.table, Contact).join(Contact, pair)

    @abstractmethod
    def title_of(self, found: Row[Any]) -> FeedTitle:
        """Return how a row of `select` reads."""

    def is_changed(self) -> ColumnElement[bool]:
        """Return the condition on a row that Xero holds other values than ours, and nothing is owed."""
        return false()

    def facts_of(self, row: PushState) -> LinkFacts:
        """Return what of a row decides its badge."""
        return LinkFacts(row.state, row.sent_revision < row.owed_revision or row.verify_due, differs=False)


def page_of(contact: Contact) -> str:
    """Return whose page shows a contact."""
    return "customers" if contact.is_customer else "suppliers"
