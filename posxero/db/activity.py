"""The append-only record of who did what to which contact, and what Xero answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from posxero.db.base import MAPPING_OR_NULL, Base, OfBusiness
from posxero.domain.enums import ActivityKind

OF_SALE = text("sale_id IS NOT NULL")
HAS_EXCHANGE = text("answer <> '' OR sent IS NOT NULL")


class ActivityPayload(OfBusiness, Base):
    """The values of an entry, what Xero was sent and what it answered; `id` is the entry's. It may be emptied."""

    __tablename__ = "activity_payload"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "id"], ["activity.business_id", "activity.id"], ondelete="CASCADE"),
        Index("ix_activity_payload_exchange", "id", sqlite_where=HAS_EXCHANGE, postgresql_where=HAS_EXCHANGE),
    )

    changes: Mapped[list[Any]] = mapped_column(default=list)  # [[field key, before, after]]
    sent: Mapped[dict[str, Any] | None] = mapped_column(MAPPING_OR_NULL)  # value by field key, without empty ones
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")  # as it came, for the owner
    is_emptied: Mapped[bool] = mapped_column(default=False, server_default=false())


# What the tab *Done* of Sync activity lists. Literals: only then does SQLite use the partial indexes.
IS_DONE = text(
    "(kind IN ('sent', 'verified', 'sale_sent', 'connected', 'disconnected', 'connection_lost', 'organisation_renamed')"
    " OR kind = 'tried_again' AND contact_id IS NULL)"
)


class Activity(OfBusiness, Base):
    """One thing that happened; rows are only ever added.

    What may have to go one day stands in its payload: an entry stays when that is emptied.
    """

    __tablename__ = "activity"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_activity_contact", "business_id", "contact_id", "id"),
        Index("ix_activity_at", "business_id", "at"),
        Index("ix_activity_done", "business_id", "at", "id", sqlite_where=IS_DONE, postgresql_where=IS_DONE),
        Index(
            "ix_activity_done_by",
            "business_id",
            "on_behalf_of",
            "at",
            "id",
            sqlite_where=IS_DONE,
            postgresql_where=IS_DONE,
        ),
        Index("ix_activity_sale", "business_id", "sale_id", "id", sqlite_where=OF_SALE, postgresql_where=OF_SALE),
    )

    at: Mapped[datetime]
    kind: Mapped[ActivityKind]
    contact_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    sale_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(255), default="", server_default="")  # the user's name then; "" is us
    # Whose change it was that Xero got or refused, by name; "" is nobody in particular
    on_behalf_of: Mapped[str] = mapped_column(String(255), default="", server_default="")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    revision: Mapped[int | None]
    field_keys: Mapped[str] = mapped_column(Text, default="", server_default="")  # of its changes: `join_keys`
    payload: Mapped[ActivityPayload | None] = relationship(lazy="joined")

    @property
    def changes(self) -> list[Any]:
        """What changed, as [field key, before, after]."""
        return self.payload.changes if self.payload else []

    @changes.setter
    def changes(self, changes: list[Any]) -> None:
        self.field_keys = join_keys(key for key, *_ in changes)
        self._make_payload().changes = changes

    @property
    def sent(self) -> dict[str, Any]:
        """What Xero was sent, by field key."""
        return (self.payload.sent if self.payload else None) or {}

    @sent.setter
    def sent(self, values: dict[str, Any] | None) -> None:
        self._make_payload().sent = values

    @property
    def raw(self) -> str:
        """Xero's answer as it came, for the owner."""
        return self.payload.answer if self.payload else ""

    @raw.setter
    def raw(self, answer: str) -> None:
        self._make_payload().answer = answer

    @property
    def is_emptied(self) -> bool:
        """Whether values or answers were removed from its payload."""
        return self.payload is not None and self.payload.is_emptied

    def _make_payload(self) -> ActivityPayload:
        if self.payload is None:
            self.payload = ActivityPayload(changes=[], answer="")
        return self.payload


def join_keys(keys: Iterable[str]) -> str:
    """Return field keys as `Activity.field_keys` stores them: each between spaces, "" for none."""
    joined = " ".join(keys)
    return f" {joined} " if joined else ""
