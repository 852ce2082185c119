"""An entry of Sync activity, and which part of a list is asked for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from posxero.db.activity import Activity
from posxero.db.push_state import PushState
from posxero.domain.states import Badge
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.kinds.kind_feed import FeedTitle, RowCure

PAGE_SIZE: Final = 25  # entries a page


class FeedEntry(NamedTuple):
    """One row that is owed, stuck or changed, or one thing that was done.

    Attributes:
        position: Its place in the list.
        kind: The name of its kind.
        title: How it reads.
        who: Whose change it was, by name; "" is nobody in particular.
        at: When it was saved, refused, seen or done; None where nothing says so.
        address_id: The id that names a row in addresses; None of what was done.
        row: Its state; None of what was done.
        badge: Of a row.
        cure: What ends the trouble of a row; None where there is none.
        told: What the history says about it.
        changed_fields: The labels of the fields in which Xero holds other values.
    """

    position: FeedPosition
    kind: str
    title: FeedTitle
    who: str
    at: datetime | None
    address_id: UUID | None = None
    row: PushState | None = None
    badge: Badge | None = None
    cure: RowCure | None = None
    told: Activity | None = None
    changed_fields: Sequence[str] = ()


class PageRequest(NamedTuple):
    """Which part of a list is asked for: so many entries after a position, without the first of them."""

    after: FeedPosition | None = None
    skip: int = 0
    size: int = PAGE_SIZE

    @property
    def limit(self) -> int:
        """How many rows of a source may be needed: one more than a page says that there are older ones."""
        return self.skip + self.size + 1


def merge_entries(sources: Iterable[Sequence[FeedEntry]], page: PageRequest) -> list[FeedEntry]:
    """Merge sorted sources into the part that is asked for, and one entry more when there are older ones."""
    return list(islice(merge(*sources, key=lambda entry: entry.position.sort_key), page.skip, page.limit))
