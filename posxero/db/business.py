"""A retailer's account, its users and their sign-ins."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from posxero.db.base import Base, OfBusiness, new_id
from posxero.domain.devices import USER_AGENT_MAX
from posxero.domain.enums import Role


class Business(Base):
    """One retailer; owns every other row."""

    __tablename__ = "business"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")  # ISO 3166-1 alpha-2
    folded_country: Mapped[str] = mapped_column(String(2), default="", server_default="")  # by which phones are folded
    timezone: Mapped[str] = mapped_column(String(64), default="", server_default="")  # IANA name; "" is UTC
    currency: Mapped[str] = mapped_column(String(3), default="", server_default="")  # ISO 4217
    master_notice_read: Mapped[bool] = mapped_column(default=False, server_default=false())
    security_alert_at: Mapped[datetime | None]  # of many wrong passwords, until an owner has seen it
    # Names of groups, tags and saved filters, drawn from their tables by services.contacts.lists.choices
    list_choices: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    created_at: Mapped[datetime]


class User(OfBusiness, Base):
    """A person who may sign in to one business."""

    __tablename__ = "user"
    __table_args__ = (ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),)

    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255), unique=True)  # folded; unique over all businesses
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    business: Mapped[Business] = relationship(lazy="joined", innerjoin=True)


class UserSession(Base):
    """One signed-in browser. The cookie holds the secret, this row only its SHA-256."""

    __tablename__ = "user_session"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "user_id"], ["user.business_id", "user.id"], ondelete="CASCADE"),
    )

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(index=True)
    id: Mapped[UUID] = mapped_column(default=new_id, unique=True)  # names it on pages
    user_agent: Mapped[str] = mapped_column(String(USER_AGENT_MAX), default="", server_default="")
    created_at: Mapped[datetime]
    active_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True, overlaps="business")
