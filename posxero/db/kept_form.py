"""Forms of contacts that were sent after the sign-in had ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.kinds import Kind


class KeptForm(OfBusiness, Base):
    """The contact form that a person sent when their sign-in had ended; they send it again after signing in.

    Only fields of the field map are stored, so nothing that it holds can change a right.
    """

    __tablename__ = "kept_form"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "user_id"], ["user.business_id", "user.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["business_id", "contact_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("ix_kept_form_user", "business_id", "user_id", "kept_at"),
    )

    user_id: Mapped[UUID]
    kind: Mapped[Kind]  # whose pages: /customers or /suppliers
    contact_id: Mapped[UUID | None]  # None: a new contact
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field key -> value
    version: Mapped[int] = mapped_column(default=0)  # of the contact, when the form was opened
    token: Mapped[str] = mapped_column(String(64), default="")  # of a new contact's form, which counts once
    kept_at: Mapped[datetime]
