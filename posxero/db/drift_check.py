"""The checks of what changed in Xero: when each kind is due, when it last worked, and how far one under way is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.db.lease import LeaseMixin
from posxero.domain.drift_kinds import DriftKind


class DriftCheck(LeaseMixin, OfBusiness, Base):
    """One kind of check of one organisation of a business. It outlives a connection that is ended and made again.

    A check that does not fit into one slice of a worker keeps its place: `page` pages of the pass that began at
    `pass_began_at` were read.
    """

    __tablename__ = "drift_check"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_drift_check_kind", "business_id", "tenant_id", "kind", unique=True),
        Index("ix_drift_check_due_at", "due_at"),
    )

    tenant_id: Mapped[UUID]
    kind: Mapped[DriftKind]
    due_at: Mapped[datetime | None]  # None: when ids are there to read
    scheduled_at: Mapped[datetime | None]  # when `due_at` was written: db.lease.is_over
    began_at: Mapped[datetime | None]  # of the last pass that worked
    worked_at: Mapped[datetime | None]  # its end
    failing_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")  # why it fails, in words
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # failures in a row

    pass_began_at: Mapped[datetime | None]
    page: Mapped[int] = mapped_column(default=0, server_default="0")  # pages that were read
    page_size: Mapped[int] = mapped_column(default=1000, server_default="1000")
    item_count: Mapped[int] = mapped_column(default=0, server_default="0")  # as the last page said
    # The linked contacts that a walk saw: their ids of 16 bytes, one after the other
    seen: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
