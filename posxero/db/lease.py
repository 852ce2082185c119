"""Conditions on leases and pauses, which a clock that was set back does not prolong."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from posxero.domain.pauses import CLOCK_STEP

Time = InstrumentedAttribute[datetime | None]


def is_over(since: Time, until: Time, now: datetime) -> ColumnElement[bool]:
    """Return the condition that a lease or pause is over, was never begun, or begins in the future.

    Args:
        since: The column with the time at which it was written.
        until: The column with its end.
        now: The database's time.
    """
    return or_(until.is_(None), until <= now, since > now + CLOCK_STEP)


def is_free(until: Time, now: datetime, *, at_most: timedelta) -> ColumnElement[bool]:
    """Return the condition that nobody holds a lease whose beginning is not stored.

    One that ends later than `at_most` from now was taken by a clock that was ahead: nobody asks for more.
    """
    return or_(until.is_(None), until <= now, until > now + at_most + CLOCK_STEP)
