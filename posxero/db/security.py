"""The append-only security log of a business."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from posxero.db.base import Base, OfBusiness
from posxero.domain.security_events import SecurityEventKind

ADDRESS_MAX = 45  # characters of an IPv6 address that holds an IPv4 one


class AppendOnly(RuntimeError):
    """Something tried to change or delete a row of the security log."""


class SecurityEvent(OfBusiness, Base):
    """One thing that happened. Triggers of the database refuse to change it; it goes only with its business."""

    __tablename__ = "security_event"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index("ix_security_event_at", "business_id", "at", "id"),
        Index("ix_security_event_kind", "business_id", "kind", "at", "id"),
    )

    at: Mapped[datetime]
    kind: Mapped[SecurityEventKind]
    actor: Mapped[str] = mapped_column(String(255))  # the user's name then; "" is nobody known
    actor_id: Mapped[UUID | None]
    subject: Mapped[str] = mapped_column(String(255))  # whom or what it was done to
    detail: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(ADDRESS_MAX))


def _refuse(*_arguments: Any) -> None:
    raise AppendOnly("The security log is append-only")


event.listen(SecurityEvent, "before_update", _refuse)
event.listen(SecurityEvent, "before_delete", _refuse)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_changes(state: ORMExecuteState) -> None:
    """Refuse UPDATE and DELETE statements of the ORM."""
    if (state.is_update or state.is_delete) and state.bind_mapper is SecurityEvent.__mapper__:
        _refuse()
