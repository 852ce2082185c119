"""How linked contacts read in Sync activity."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, not_
from sqlalchemy.orm import InstrumentedAttribute

from posxero.db.contact import Link
from posxero.db.push_state import PushState, is_owed
from posxero.domain.states import LinkFacts
from posxero.services.push.kinds.kind_feed import FeedTitle, KindFeed, page_of


class ContactFeed(KindFeed):
    """A linked contact reads as its name; addresses name it by the contact's own id."""

    table = Link

    def address_id(self) -> InstrumentedAttribute[UUID]:
        """Return the id of the contact."""
        return Link.contact_id

    def title_of(self, found: Row[Any]) -> FeedTitle:
        """Return the contact's name."""
        return FeedTitle(found.Contact.name, page_of(found.Contact), found.Contact.id)

    def is_changed(self) -> ColumnElement[bool]:
        """Return the condition that the copy differs from the contact, and nothing is owed."""
        return and_(Link.differs, not_(is_owed(Link)))

    def facts_of(self, row: PushState) -> LinkFacts:
        """Return what decides the badge: the copy, too."""
        link = cast("Link", row)
        owed = link.sent_revision < link.owed_revision or link.verify_due
        return LinkFacts(link.state, owed, link.differs, link.differs_since_linked)
