"""Notes about saved changes for Xero's own history of a contact."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base
from posxero.db.push_state import PushState

STUCK = text("state <> 'active'")
SENT = text("sent_at IS NOT NULL")


class HistoryNote(PushState, Base):
    """One line for the history of a Xero contact, owed until Xero has it."""

    __tablename__ = "history_note"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "link_id"], ["link.business_id", "link.id"], ondelete="CASCADE"),
        Index(
            "ix_history_note_owed",
            "business_id",
            "tenant_id",
            "owed_at",
            sqlite_where=text("sent_revision < owed_revision OR verify_due = 1"),
            postgresql_where=text("sent_revision < owed_revision OR verify_due"),
        ),
        Index("ix_history_note_stuck", "business_id", "tenant_id", sqlite_where=STUCK, postgresql_where=STUCK),
        Index("ix_history_note_sent", "business_id", "sent_at", "id", sqlite_where=SENT, postgresql_where=SENT),
        Index("ix_history_note_leased", "business_id", "tenant_id", "leased_at"),
        Index("ix_history_note_link", "business_id", "link_id"),
    )

    link_id: Mapped[UUID]
    activity_id: Mapped[UUID]  # the saved change that it is about
    details: Mapped[str] = mapped_column(String(250))
    created_at: Mapped[datetime]
