"""The groups and tags that a business has; a contact names its own (`Contact.customer_group`, `Contact.tags`)."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.labels import LabelKind


class Label(OfBusiness, Base):
    """A group or a tag."""

    __tablename__ = "label"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("uq_label_name", "business_id", "kind", "name_key", unique=True),
    )

    kind: Mapped[LabelKind]
    name: Mapped[str] = mapped_column(String(30))
    name_key: Mapped[str] = mapped_column(String(100))  # `label_key`: no two of a kind have the same
    created_at: Mapped[datetime]
