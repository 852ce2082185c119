"""Contacts of Xero that a person chose never to import."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness


class ExcludedContact(OfBusiness, Base):
    """One contact of one organisation, which every import leaves out until the choice is taken back."""

    __tablename__ = "excluded_contact"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_excluded_contact_xero_contact", "business_id", "tenant_id", "xero_id", unique=True),
    )

    tenant_id: Mapped[UUID]
    xero_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)  # in Xero, then
    excluded_by: Mapped[str] = mapped_column(String(255))
    excluded_at: Mapped[datetime]
    is_erased: Mapped[bool] = mapped_column(default=False, server_default=false())  # no import stores its details
