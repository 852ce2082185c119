"""Open invoices of Xero that no sale made: the shop's customers owe them, too."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.db.money import MONEY


class OtherInvoice(OfBusiness, Base):
    """An approved invoice of an organisation on which something is due. It is removed once nothing is."""

    __tablename__ = "other_invoice"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_other_invoice_xero", "business_id", "tenant_id", "xero_id", unique=True),
        Index("ix_other_invoice_contact", "business_id", "tenant_id", "xero_contact_id", "amount_due"),
    )

    tenant_id: Mapped[UUID]
    xero_id: Mapped[UUID]
    xero_contact_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(255), default="", server_default="")
    due_on: Mapped[date | None]
    amount_due: Mapped[Decimal] = mapped_column(MONEY)
    xero_updated_at: Mapped[str] = mapped_column(String(40), default="", server_default="")  # Xero's stamp, ISO 8601
    xero_read_at: Mapped[datetime]  # when Xero was asked
