"""Leases on rows: the columns, their values and the conditions, which a clock that was set back does not prolong.

A worker claims rows by one UPDATE with `lease_is_free` in its condition and `lease_values` as its values, keeps or
settles a row only where `lease_is_held`, and gives it back with `RELEASED_LEASE`. Every time is the database's.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Mapped

from posxero.domain.pauses import CLOCK_STEP

Time = InstrumentedAttribute[datetime | None]

RELEASED_LEASE: Final[dict[str, Any]] = {"lease_token": None, "lease_until": None}


class LeaseMixin:
    """The columns of a row that one worker at a time may hold.

    `lease_token` names the holder's claim. The lease runs from `leased_at`, when it was taken or last renewed, until
    `lease_until`. Token and end are None while nobody holds the row; `leased_at` stays.
    """

    lease_token: Mapped[UUID | None]
    leased_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]


def lease_values(token: Any, *, now: Any, until: Any) -> dict[str, Any]:
    """Return the values that take a lease, or renew that of the same token: as they are, or as parameters."""
    return {"lease_token": token, "leased_at": now, "lease_until": until}


def lease_is_free(table: type[LeaseMixin], now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds the row: its lease was released, or is over."""
    return is_over(table.leased_at, table.lease_until, now)


def lease_has_expired(table: type[LeaseMixin], now: datetime) -> ColumnElement[bool]:
    """Return the condition that the last holder never released the row: its lease is over, and is still written."""
    return and_(table.lease_until.is_not(None), lease_is_free(table, now))


def lease_is_held(table: type[LeaseMixin], token: UUID) -> ColumnElement[bool]:
    """Return the condition that the row is held by a token, even when that lease is over and nobody else took it."""
    return table.lease_token == token


def is_over(since: Time, until: Time, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a lease or pause is over, was never begun, or begins in the future.

    Args:
        since: The column with the time at which it was written.
        until: The column with its end.
        now: The database's time.
    """
    return or_(until.is_(None), until <= now, since > now + CLOCK_STEP)
