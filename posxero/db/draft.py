"""Drafts: what a person typed into the form of a contact and has not saved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.kinds import ContactKind

IS_NEW = text("contact_id IS NULL")


class Draft(OfBusiness, Base):
    """The contact form that a person began and has not saved: one for each contact, one for a new contact of each kind.

    Only fields of the field map are stored, so nothing that it holds can change a right.
    """

    __tablename__ = "draft"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "user_id"], ["user.business_id", "user.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("uq_draft_contact", "business_id", "user_id", "contact_id", unique=True),
        Index(
            "uq_draft_new",
            "business_id",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=IS_NEW,
            postgresql_where=IS_NEW,
        ),
        Index("ix_draft_saved_at", "saved_at"),
    )

    user_id: Mapped[UUID]
    kind: Mapped[ContactKind]  # whose pages: /customers or /suppliers
    contact_id: Mapped[UUID | None]  # None: a new contact
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field key -> value
    version: Mapped[int] = mapped_column(default=0)  # of the contact, when the form was opened
    idempotency_key: Mapped[str] = mapped_column(String(64), default="")  # of the form that wrote it last
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
