"""Forms that count once, however often they are sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base


class FormPurpose(StrEnum):
    """What a form creates."""

    CONTACT = "contact"
    IMPORT = "import"
    SALE = "sale"


class FormSubmission(Base):
    """A submitted form and what it created; a second submission with the same key gets the same result."""

    __tablename__ = "form_submission"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_form_submission_created_at", "created_at"),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[FormPurpose]
    result_id: Mapped[UUID]  # of the contact, the sale or the import
    created_at: Mapped[datetime]
