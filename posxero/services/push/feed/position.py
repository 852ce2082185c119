"""Where a page of Sync activity begins: the place of the last row before it, which an address carries."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class FeedPosition(NamedTuple):
    """The place of a row in a list that is sorted by rank, then the newest first.

    Attributes:
        rank: 0 comes before 1.
        at: The time of the row; `EPOCH` where it has none.
        id: Decides between rows of the same time.
    """

    rank: int
    at: datetime
    id: UUID

    @property
    def sort_key(self) -> tuple[int, timedelta, int]:
        """The key that sorts rows of several lists into one."""
        return self.rank, EPOCH - self.at, -self.id.int

    def to_text(self) -> str:
        """Write it for an address."""
        return f"{self.rank}-{(self.at - EPOCH) // MICROSECOND}-{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what an address carries; None when that is nothing of ours."""
        try:
            rank, microseconds, row_id = text.split("-")
            return cls(int(rank) & 1, EPOCH + int(microseconds) * MICROSECOND, UUID(row_id))
        except (ValueError, OverflowError):
            return None

    def is_passed(self, rank: ColumnElement[int], at: Column, row_id: Column) -> ColumnElement[bool]:
        """Return the condition on a row that it comes after this one."""
        older = or_(at < self.at, and_(at == self.at, row_id < self.id))
        return or_(rank > literal(self.rank), and_(rank == literal(self.rank), older))
