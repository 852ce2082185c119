"""Whether a pause or a lease has expired, even after the clock was set back."""

from datetime import datetime, timedelta
from typing import Final

# A clock that is corrected by less ends no lease early: a process may still hold it.
CLOCK_STEP: Final = timedelta(seconds=5)


def is_over(since: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Return whether a pause from `since` until `until` is over.

    One that begins in the future was written by a clock that was wrong: it is over, or it would last as long as the
    clock was ahead. `db.lease.is_over` is the same rule in SQL.
    """
    return until is None or until <= now or (since is not None and since > now + CLOCK_STEP)
