"""What every row that is pushed to Xero has: what is owed, what was sent, the lease, and unconfirmed requests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, Text, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from posxero.db.base import MAPPING_OR_NULL, OfBusiness
from posxero.db.lease import LeaseMixin
from posxero.domain.enums import LinkState
from posxero.domain.refusals import RefusalKind


class PushState(LeaseMixin, OfBusiness):
    """A row whose item Xero must hold: a link to a contact, a sale, a history note.

    It is owed while `sent_revision` is below `owed_revision`. `xero_id` is None while the item
    waits to be created in Xero. What a request carries is stored before it is sent:
    `in_flight` for an update, `creation_body` for a creation. When the outcome is unknown it
    moves to `unconfirmed`, and Xero is read again at `verify_again_at`.
    """

    tenant_id: Mapped[UUID]
    contact_id: Mapped[UUID]  # whom it is about
    xero_id: Mapped[UUID | None]
    sent_revision: Mapped[int] = mapped_column(default=0)
    owed_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    owed_at: Mapped[datetime | None]  # when `owed_revision` was last raised
    owed_by_person: Mapped[bool] = mapped_column(default=False, server_default=false())  # somebody waits for it
    owed_by: Mapped[str] = mapped_column(String(255), default="", server_default="")  # whose change it is, by name
    sent_at: Mapped[datetime | None]  # None until the first push
    state: Mapped[LinkState] = mapped_column(default=LinkState.ACTIVE)
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    refusal: Mapped[RefusalKind] = mapped_column(default=RefusalKind.OTHER, server_default="")  # only while parked
    next_try_at: Mapped[datetime | None]
    snoozed_at: Mapped[datetime | None]  # when `next_try_at` was written: db.lease.is_over
    tries: Mapped[int] = mapped_column(default=0)
    # Idempotency-Key of a creation whose outcome is not known
    creation_key: Mapped[str] = mapped_column(String(128), default="", server_default="")
    creation_body: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # push.items.Creation
    creation_started_at: Mapped[datetime | None]  # when `creation_key` was first sent
    in_flight: Mapped[dict[str, Any] | None] = mapped_column(MAPPING_OR_NULL)  # values that the lease's holder may send
    verify_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    verify_again_at: Mapped[datetime | None]  # the earliest check of `unconfirmed`, or now for `refresh_due`
    unconfirmed: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # UnconfirmedRequest.to_json()
    refresh_due: Mapped[bool] = mapped_column(default=False, server_default=false())  # read before the next push

    @property
    def refused_as(self) -> RefusalKind:
        """Why Xero refused it, by kind; OTHER where it did not, too."""
        return self.refusal if self.state is LinkState.PARKED else RefusalKind.OTHER


def push_tables() -> tuple[type[PushState], ...]:
    """List the tables whose rows are pushed; `posxero.db.models` must have been imported."""
    return tuple(PushState.__subclasses__())


def is_owed(table: type[PushState]) -> ColumnElement[bool]:
    """Return the condition that a row is owed or to be verified, as its partial index has it."""
    return or_(table.sent_revision < table.owed_revision, table.verify_due)
