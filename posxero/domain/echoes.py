"""Webhooks of our own writes: Xero names what we changed there, too, and reading it would tell nothing."""

from datetime import datetime, timedelta
from typing import Final

from posxero.domain.poll_interval import is_scarce

# Xero does not say by how much an event is later than the stamp of the change. Where calls are scarce, an edit
# that somebody makes in Xero that soon after our own write is left to the poll.
TOLERANCE_WHERE_SCARCE: Final = timedelta(seconds=2)


def is_echo(event_at: datetime | None, stamp: str | None, day_limit: int) -> bool:
    """Return whether a copy holds what an event is about already.

    Args:
        event_at: Xero's time of the event; None when it did not say.
        stamp: Xero's stamp of the copy, as `XeroCopy.updated_at`.
        day_limit: Calls a day that Xero allows.
    """
    if event_at is None or not stamp:
        return False
    tolerance = TOLERANCE_WHERE_SCARCE if is_scarce(day_limit) else timedelta(0)
    return event_at <= datetime.fromisoformat(stamp) + tolerance
