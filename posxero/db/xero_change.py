"""What webhooks of Xero named, until it is read there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.drift_kinds import ChangeCategory


class XeroChange(OfBusiness, Base):
    """The id of one resource of Xero that changed there and is to be read.

    A repeated event raises `version`. The row is deleted with the result of a read, unless its version rose
    meanwhile: then Xero changed it again after the read began.
    """

    __tablename__ = "xero_change"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_xero_change_resource", "business_id", "tenant_id", "category", "xero_id", unique=True),
    )

    tenant_id: Mapped[UUID]
    category: Mapped[ChangeCategory]
    xero_id: Mapped[UUID]
    event_at: Mapped[datetime | None]  # the newest of Xero's times of the events; None when one did not say
    received_at: Mapped[datetime]  # the first event
    version: Mapped[int] = mapped_column(default=1, server_default="1")
