"""How the rows of a kind read in Sync activity."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, TextClause, and_, false, select, text
from sqlalchemy.orm import InstrumentedAttribute

from posxero.db.activity import Activity
from posxero.db.contact import Contact
from posxero.db.push_state import PushState
from posxero.domain.enums import ActivityKind
from posxero.domain.states import LinkFacts


class RowCure(StrEnum):
    """What ends the trouble of a row."""

    TRY_AGAIN = "try_again"
    EDIT = "edit"  # other details, on the form
    COMPARE = "compare"  # what Xero holds with ours, on its page
    OPEN = "open"  # its page says what can be done
    RECONNECT = "reconnect"  # the consent is gone


class FeedTitle(NamedTuple):
    """How a row reads, and on whose page it is cured.

    Attributes:
        text: The title.
        page: "customers", "suppliers", "sales" or "settings".
        page_id: The id in the address of that page.
    """

    text: str
    page: str
    page_id: UUID


class KindFeed(ABC):
    """What Sync activity asks a kind about its rows. By default a row reads as something about its contact.

    Attributes:
        table: Where the rows are.
        label: What they are called in the filter.
        refusals: What the history says of a row that Xero did not take.
        done: What the history says of a row that Xero has; empty for a kind that leaves no trace there.
        may_need_attention: The condition of the partial index that finds what needs attention, word for word.
    """

    table: type[PushState]
    label: str
    refusals: tuple[ActivityKind, ...] = ()
    done: tuple[ActivityKind, ...] = ()
    may_need_attention: TextClause = text("state <> 'active'")

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

    def is_about(self) -> ColumnElement[bool]:
        """Return the condition on an entry of the history that it is about a row."""
        return Activity.contact_id == self.table.contact_id

    def differs(self) -> ColumnElement[bool]:
        """Return the condition on a row that Xero holds other values than ours, and nothing is owed."""
        return false()

    def is_changed_in_xero(self) -> ColumnElement[bool]:
        """Return the condition on a row that it differs because somebody changed it in Xero."""
        return self.differs()

    def is_hidden(self) -> ColumnElement[bool]:
        """Return the condition on a row that nobody is to hear of it."""
        return false()

    def cure_of(self, row: PushState) -> RowCure:  # noqa: ARG002 - for kinds with other cures
        """Return what ends the trouble of a row that was refused or is gone."""
        return RowCure.TRY_AGAIN

    def changed_at(self) -> InstrumentedAttribute[datetime | None]:
        """Return the column that says when a change in Xero was seen."""
        return self.table.owed_at

    def changed_fields(self, found: Row[Any]) -> Sequence[str]:  # noqa: ARG002 - for kinds that Xero may change
        """Return the labels of the fields in which Xero holds other values."""
        return ()

    def facts_of(self, row: PushState) -> LinkFacts:
        """Return what of a row decides its badge."""
        return LinkFacts(row.state, row.sent_revision < row.owed_revision or row.verify_due, differs=False)


def page_of(contact: Contact) -> str:
    """Return whose page shows a contact."""
    return "customers" if contact.is_customer else "suppliers"
