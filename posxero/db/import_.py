"""One run of an import, from Xero or from a file, and its staged rows."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.db.lease import LeaseMixin
from posxero.db.money import MONEY
from posxero.domain.enums import Decision, Outcome, Phase
from posxero.domain.import_choices import OnMatch

RUNNING = text("finished_at IS NULL")
HAS_ROWS = text("has_rows")
# Written the same way in the queries that the partial indexes serve, or SQLite does not use them.
NEEDS_REVIEW: Final = "needs_review"
NOT_IMPORTED: Final = "outcome IN ('left_out', 'skipped', 'refused')"


class Import(LeaseMixin, OfBusiness, Base):
    """One run. Its checkpoint is the row: any worker can continue from it."""

    __tablename__ = "import"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_import_has_rows", "finished_at", sqlite_where=HAS_ROWS, postgresql_where=HAS_ROWS),
        Index("uq_import_running", "business_id", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    tenant_id: Mapped[UUID]  # NO_TENANT where it reads a file
    organisation: Mapped[str] = mapped_column(String(255))  # its name, or the file's
    file_id: Mapped[UUID | None]  # the file; None: from Xero. It may be deleted once it is read
    file_columns: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # keys, "" is not imported
    on_match: Mapped[OnMatch] = mapped_column(default=OnMatch.KEEP, server_default=OnMatch.KEEP.value)
    is_preview: Mapped[bool] = mapped_column(default=False, server_default=false())  # it stops after matching
    with_suppliers: Mapped[bool] = mapped_column(default=False, server_default=false())
    phase: Mapped[Phase]
    phase_at: Mapped[datetime]  # when the phase began
    started_by: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]  # None again while it is undone
    ended_at: Mapped[datetime | None]  # when it first ended; undoing it changes nothing here
    cancel_asked_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="", server_default="")  # in words, with what to do

    walk_started_at: Mapped[datetime | None]  # the pass of now; the next one catches up from here
    since: Mapped[datetime | None]  # None: every contact; else those changed since
    page: Mapped[int] = mapped_column(default=0)  # last page stored
    page_size: Mapped[int] = mapped_column(default=1000)
    page_count: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # contacts in Xero, as the last page said
    cursor: Mapped[UUID | None]  # how far matching or adding is, in the order of xero_id

    read: Mapped[int] = mapped_column(default=0)
    to_add: Mapped[int] = mapped_column(default=0)  # rows the adding phase must settle; in a preview, would add
    to_link: Mapped[int] = mapped_column(default=0, server_default="0")  # only in a preview, as the next
    to_update: Mapped[int] = mapped_column(default=0, server_default="0")
    to_check: Mapped[int] = mapped_column(default=0, server_default="0")
    settled: Mapped[int] = mapped_column(default=0)  # rows that have an outcome
    added: Mapped[int] = mapped_column(default=0)
    linked: Mapped[int] = mapped_column(default=0)
    already_linked: Mapped[int] = mapped_column(default=0)
    # Contacts that were linked already, and were made a customer or supplier, too
    kinds_added: Mapped[int] = mapped_column(default=0, server_default="0")
    updated: Mapped[int] = mapped_column(default=0, server_default="0")
    unchanged: Mapped[int] = mapped_column(default=0, server_default="0")
    left_out: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0, server_default="0")

    percent_reached: Mapped[int] = mapped_column(default=0, server_default="0")  # the furthest the bar has been
    reviewed_at: Mapped[datetime | None]  # when a person last ended a review
    reviewed_by: Mapped[str] = mapped_column(String(255), default="", server_default="")
    undone_by: Mapped[str] = mapped_column(String(255), default="", server_default="")
    retry_of: Mapped[UUID | None]  # the import some of whose rows this one reads again; None reads everything
    retry_outcome: Mapped[Outcome | None]  # which rows
    rows_deleted_at: Mapped[datetime | None]  # when the last of its staged rows were deleted; the counts stay
    has_rows: Mapped[bool] = mapped_column(default=True, server_default=true())

    paused_at: Mapped[datetime | None]  # when the pause was written: db.lease.is_over
    paused_until: Mapped[datetime | None]
    paused_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    tries: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0, server_default="0")  # of the walk, when its pages did not add up


class ImportRow(Base):
    """One contact of Xero, or one row of a file, in one import, and what became of it.

    A row of a file has its number as `xero_id`, so that rows stand in the order of the file; `ours` is the id that it
    names, and `copy` holds the cells that are filled in: {"values": {key: text}}. Once it changed a customer,
    `copy` has "before", the values that were replaced, and "version", the customer's then.

    Its folded keys are drawn when it is read, so that matching and adding are work for the database.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "import_id"], ["import.business_id", "import.id"], ondelete="CASCADE"),
        Index(
            "ix_import_row_needs_review",
            "business_id",
            "import_id",
            "xero_id",
            sqlite_where=text(NEEDS_REVIEW),
            postgresql_where=text(NEEDS_REVIEW),
        ),
        Index(
            "ix_import_row_not_taken",
            "business_id",
            "import_id",
            "outcome",
            sqlite_where=text(NOT_IMPORTED),
            postgresql_where=text(NOT_IMPORTED),
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    xero_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    copy: Mapped[dict[str, Any]] = mapped_column(default=dict)  # domain.copies.XeroCopy.to_json()
    is_customer: Mapped[bool]  # as it would be here: a general contact is a customer
    is_supplier: Mapped[bool]
    name_key: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    phone_keys: Mapped[str] = mapped_column(Text)
    phone_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    mobile_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    near_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    ours: Mapped[UUID | None]  # ContactNumber, where it may be the id of a contact that we created in Xero
    contact_id: Mapped[UUID | None]  # the contact here; until it is settled, the id a new one would get
    # The kind of contact that the import made one here that was none before: "customer", "supplier"; "" is neither
    kind_added: Mapped[str] = mapped_column(String(20), default="", server_default="")
    needs_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    candidates: Mapped[list[Any]] = mapped_column(default=list)  # ids of our contacts, best first
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")  # in words
    decision: Mapped[Decision | None]  # None: a person decides, or nothing is to be decided
    outcome: Mapped[Outcome | None]
    # What Xero said that the contact owes there, and how much of it is overdue, when it was read; None of a file's row
    outstanding: Mapped[Decimal | None] = mapped_column(MONEY)
    overdue: Mapped[Decimal | None] = mapped_column(MONEY)
