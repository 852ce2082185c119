"""How linked contacts read in Sync activity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, not_
from sqlalchemy.orm import InstrumentedAttribute

from posxero.db.contact import STUCK_OR_DIFFERS, Link
from posxero.db.push_state import PushState, is_owed
from posxero.domain.columns import values_of
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.refusals import CURED_BY_SAVING
from posxero.domain.states import LinkFacts
from posxero.services.contacts.merged import is_merged
from posxero.services.push.kinds.kind_feed import FeedTitle, KindFeed, RowCure, page_of

LOST: Final = {LinkState.MERGED, LinkState.ERASED, LinkState.MISSING}  # Xero will not have it back under its id


class ContactFeed(KindFeed):
    """A linked contact reads as its name; addresses name it by the contact's own id."""

    table = Link
    label = "Customers and suppliers"
    refusals = (ActivityKind.NOT_SENT, ActivityKind.DELAYED, ActivityKind.GONE_FROM_XERO)
    done = (ActivityKind.SENT, ActivityKind.VERIFIED)
    may_need_attention = STUCK_OR_DIFFERS

    def address_id(self) -> InstrumentedAttribute[UUID]:
        """Return the id of the contact."""
        return Link.contact_id

    def title_of(self, found: Row[Any]) -> FeedTitle:
        """Return the contact's name."""
        return FeedTitle(found.Contact.name, page_of(found.Contact), found.Contact.id)

    def differs(self) -> ColumnElement[bool]:
        """Return the condition that the copy differs from the contact, and nothing is owed."""
        return and_(Link.differs, not_(is_owed(Link)))

    def is_changed_in_xero(self) -> ColumnElement[bool]:
        """Return the condition that it differs otherwise than when it was linked."""
        return and_(self.differs(), not_(Link.differs_since_linked))

    def is_hidden(self) -> ColumnElement[bool]:
        """Return the condition that the contact was merged into another here."""
        return is_merged()

    def cure_of(self, row: PushState) -> RowCure:
        """Return other details where Xero refused these, and the page of a contact that Xero will not have back."""
        if row.state in LOST:
            return RowCure.OPEN
        return RowCure.EDIT if row.refused_as in CURED_BY_SAVING else RowCure.TRY_AGAIN

    def changed_at(self) -> InstrumentedAttribute[datetime | None]:
        """Return when Xero was last read."""
        return Link.copied_at

    def changed_fields(self, found: Row[Any]) -> Sequence[str]:
        """Compare the contact with the copy."""
        keys = sent_keys(tax_number_edited=found.Contact.tax_number_edited)
        copy = XeroCopy.from_json(found.Link.copy)
        return [one.label for one in differences(values_of(found.Contact), copy.values, keys=keys)]

    def facts_of(self, row: PushState) -> LinkFacts:
        """Return what decides the badge: the copy, too."""
        link = cast("Link", row)
        owed = link.sent_revision < link.owed_revision or link.verify_due
        return LinkFacts(link.state, owed, link.differs, link.differs_since_linked)
