"""A CSV file that somebody uploaded to import it. Workers run on other machines, so the database keeps it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness


class ImportFile(OfBusiness, Base):
    """One uploaded file: how it is written, its headings and its first rows."""

    __tablename__ = "import_file"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_import_file_uploaded_at", "uploaded_at"),
    )

    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]  # bytes
    encoding: Mapped[str] = mapped_column(String(20))  # Python's name of it
    delimiter: Mapped[str] = mapped_column(String(1))
    headings: Mapped[list[Any]]
    samples: Mapped[list[Any]]  # the cells of the first rows
    rows: Mapped[int]
    uploaded_by: Mapped[str] = mapped_column(String(255))
    uploaded_at: Mapped[datetime]


class ImportFilePiece(Base):
    """A piece of a file's bytes; they are read in the order of their numbers."""

    __tablename__ = "import_file_piece"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "file_id"], ["import_file.business_id", "import_file.id"], ondelete="CASCADE"
        ),
    )

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
