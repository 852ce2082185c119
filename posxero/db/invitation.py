"""Invitations to sign in to a business."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from posxero.db.base import Base, OfBusiness
from posxero.db.business import User
from posxero.domain.enums import Role


class Invitation(OfBusiness, Base):
    """A one-time link by which a person becomes a user. The link holds the token, this row only its SHA-256."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "invited_by_id"], ["user.business_id", "user.id"], ondelete="CASCADE"),
    )

    name: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    invited_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
