"""The append-only record of who did what to which contact, and what Xero answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.enums import ActivityKind

OF_SALE = text("sale_id IS NOT NULL")


class Activity(OfBusiness, Base):
    """One thing that happened; rows are never changed."""

    __tablename__ = "activity"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_activity_contact", "business_id", "contact_id", "id"),
        Index("ix_activity_at", "business_id", "at"),
        Index("ix_activity_sale", "business_id", "sale_id", "id", sqlite_where=OF_SALE, postgresql_where=OF_SALE),
    )

    at: Mapped[datetime]
    kind: Mapped[ActivityKind]
    contact_id: Mapped[UUID | None]
    import_id: Mapped[UUID | None]
    sale_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(255), default="", server_default="")  # the user's name then; "" is us
    changes: Mapped[list[Any]] = mapped_column(default=list)  # [[field key, before, after]]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    raw: Mapped[str] = mapped_column(Text, default="", server_default="")  # Xero's answer, for the owner
    revision: Mapped[int | None]
