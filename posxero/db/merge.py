"""Contacts that were made one, what moved with them, and pairs that somebody said are not the same."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import MAPPING_OR_NULL, Base, OfBusiness


class ContactMerge(OfBusiness, Base):
    """One merge of a contact (the loser) into another (the survivor).

    `changed` has what it changed of rows: {table: {id: {column: [before, after]}}}, by which it is undone.
    """

    __tablename__ = "contact_merge"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "survivor_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["business_id", "loser_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("ix_contact_merge_survivor", "business_id", "survivor_id"),
        Index("ix_contact_merge_loser", "business_id", "loser_id"),
    )

    survivor_id: Mapped[UUID]
    loser_id: Mapped[UUID]
    changed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str] = mapped_column(String(255))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(String(255), default="", server_default="")


class MergedRow(Base):
    """One row that a merge moved to the survivor, by its table and id, and what else of it the merge replaced."""

    __tablename__ = "merged_row"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "merge_id"], ["contact_merge.business_id", "contact_merge.id"], ondelete="CASCADE"
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    merge_id: Mapped[UUID] = mapped_column(primary_key=True)
    moved_table: Mapped[str] = mapped_column(String(40), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    replaced: Mapped[dict[str, Any] | None] = mapped_column(MAPPING_OR_NULL)


class DistinctPair(Base):
    """Two contacts that look alike and are not the same: they are not proposed again. The smaller id comes first."""

    __tablename__ = "distinct_pair"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "first_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["business_id", "second_id"], ["contact.business_id", "contact.id"], ondelete="CASCADE"),
        Index("ix_distinct_pair_second", "business_id", "second_id"),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_id: Mapped[UUID] = mapped_column(primary_key=True)
    second_id: Mapped[UUID] = mapped_column(primary_key=True)
    marked_at: Mapped[datetime]
    marked_by: Mapped[str] = mapped_column(String(255))
