"""What connects a business to Xero: the grant, the connection and a consent under way."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from posxero.db.base import Base, OfBusiness, new_id
from posxero.db.lease import LeaseMixin
from posxero.domain.enums import ConnectionState

NOT_ENDED = text("state <> 'ended'")


class Grant(LeaseMixin, Base):
    """One consent of one Xero user. It may serve the connections of several businesses.

    Whoever holds its lease refreshes its tokens.
    """

    __tablename__ = "grant"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tokens: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted, with the grant's id inside
    token_version: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime]  # of the access token
    refreshed_at: Mapped[datetime]
    scopes: Mapped[str] = mapped_column(String(500), default="")
    auth_event_id: Mapped[str] = mapped_column(String(64), default="")
    lost_at: Mapped[datetime | None]


class Connection(OfBusiness, Base):
    """A business's use of one Xero organisation."""

    __tablename__ = "connection"
    __table_args__ = (
        ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),
        Index(
            "uq_connection_of_business", "business_id", unique=True, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED
        ),
        Index("uq_connection_of_tenant", "tenant_id", unique=True, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
    )

    tenant_id: Mapped[UUID]
    xero_connection_id: Mapped[str] = mapped_column(String(64))  # of /connections, for DELETE
    name: Mapped[str] = mapped_column(String(255))
    short_code: Mapped[str] = mapped_column(String(32), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    state: Mapped[ConnectionState]
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it is lost, in words
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("grant.id"))
    connected_at: Mapped[datetime]
    connected_by: Mapped[str] = mapped_column(String(255))  # the user's name then
    ended_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]  # when the pause was written: db.lease.is_over
    paused_until: Mapped[datetime | None]  # a limit or an outage: nothing is sent before
    paused_reason: Mapped[str] = mapped_column(String(500), default="")
    backlog_paused_at: Mapped[datetime | None]
    backlog_until: Mapped[datetime | None]  # a limit: until then only what people save is sent
    # Whether saved changes are noted in Xero's own history of each contact.
    history_notes: Mapped[bool] = mapped_column(default=False, server_default=false())
    outages: Mapped[int] = mapped_column(default=0, server_default="0")  # calls in a row that Xero did not answer

    grant: Mapped[Grant | None] = relationship()


class Consent(OfBusiness, Base):
    """A consent under way: from the click on Connect to the choice of an organisation."""

    __tablename__ = "consent"
    __table_args__ = (ForeignKeyConstraint(["business_id"], ["business.id"], ondelete="CASCADE"),)

    state_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of OAuth's state
    session_hash: Mapped[str] = mapped_column(String(64))  # of the sign-in that began it
    user_id: Mapped[UUID]
    verifier: Mapped[bytes] = mapped_column(LargeBinary)  # PKCE, encrypted
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("grant.id"))
    organisations: Mapped[list[Any]] = mapped_column(default=list)  # [{"id", "tenant_id", "name"}]
