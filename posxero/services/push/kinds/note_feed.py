"""How history notes read in Sync activity."""

from typing import Any

from sqlalchemy import Row

from posxero.db.history_note import STUCK, HistoryNote
from posxero.services.push.kinds.kind_feed import FeedTitle, KindFeed, page_of


class NoteFeed(KindFeed):
    """A note reads as one about its contact, whose page shows the change."""

    table = HistoryNote
    label = "Notes in Xero"
    may_need_attention = STUCK

    def title_of(self, found: Row[Any]) -> FeedTitle:
        """Return whose note it is."""
        return FeedTitle(f"Note about {found.Contact.name}", page_of(found.Contact), found.Contact.id)
