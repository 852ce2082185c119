"""Lists of contacts that a business keeps under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.kinds import ContactKind


class SavedFilter(OfBusiness, Base):
    """What a list is asked for, under a name: `params` are those of its address."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_saved_filter_name", "business_id", "kind", "name_key", unique=True),
    )

    kind: Mapped[ContactKind]
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(120))
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(255))
