"""One run of Import from Xero, and its staged rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.words import Decision, Outcome, Phase

RUNNING = text("finished_at IS NULL")


class Import(OfBusiness, Base):
    """One run. Its checkpoint is the row: any worker can go on from it."""

    __tablename__ = "import"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_import_running", "business_id", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    tenant_id: Mapped[UUID]
    organisation: Mapped[str] = mapped_column(String(255))
    with_suppliers: Mapped[bool] = mapped_column(default=False, server_default=false())
    phase: Mapped[Phase]
    started_by: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    cancel_asked_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="", server_default="")  # in words, with what to do

    walk_started_at: Mapped[datetime | None]
    page: Mapped[int] = mapped_column(default=0)  # last page stored
    page_size: Mapped[int] = mapped_column(default=1000)
    page_count: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # contacts in Xero, as the last page said
    caught_up: Mapped[bool] = mapped_column(default=False, server_default=false())

    read: Mapped[int] = mapped_column(default=0)
    to_add: Mapped[int] = mapped_column(default=0)  # rows the adding phase must settle
    settled: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    linked: Mapped[int] = mapped_column(default=0)
    already_linked: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)

    paused_until: Mapped[datetime | None]
    paused_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    tries: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]


class ImportRow(Base):
    """One contact of Xero in one import, and what became of it."""

    __tablename__ = "import_row"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "import_id"], ["import.business_id", "import.id"], ondelete="CASCADE"),
        Index("ix_import_row_decision", "business_id", "import_id", "decision"),
        Index("ix_import_row_outcome", "business_id", "import_id", "outcome"),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    xero_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    copy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # domain.copies.XeroCopy.to_json()
    doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())
    candidates: Mapped[list[Any]] = mapped_column(default=list)  # ids of our contacts, best first
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # in words
    decision: Mapped[Decision | None]
    contact_id: Mapped[UUID | None]
    outcome: Mapped[Outcome | None]
