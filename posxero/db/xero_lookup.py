"""What was looked up in Xero for a page, and copies of contacts that are not linked any more. Each has a short life."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.db.lease import LeaseMixin

UNANSWERED = text("answered_at IS NULL")


class XeroSearch(LeaseMixin, OfBusiness, Base):
    """A search among Xero's contacts that a person asked for, to link one contact; a job answers it."""

    __tablename__ = "xero_search"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("uq_xero_search_contact", "business_id", "contact_id", unique=True),
        Index("ix_xero_search_asked_at", "asked_at"),
        Index("ix_xero_search_unanswered", "business_id", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    )

    tenant_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    term: Mapped[str] = mapped_column(String(255))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # why there is no answer, in words
    results: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # pairs: id, XeroCopy.to_json()


class UnlinkedCopy(OfBusiness, Base):
    """What Xero last showed of a contact whose link was removed: the first candidate when it is linked again."""

    __tablename__ = "unlinked_copy"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("uq_unlinked_copy_contact", "business_id", "contact_id", "tenant_id", "xero_id", unique=True),
        Index("ix_unlinked_copy_unlinked_at", "unlinked_at"),
    )

    contact_id: Mapped[UUID]
    tenant_id: Mapped[UUID]
    xero_id: Mapped[UUID]
    copy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # domain.copies.XeroCopy.to_json()
    unlinked_at: Mapped[datetime]
