"""When the nightly walk over all of Xero's contacts begins: in the small hours of the business."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

SMALL_HOURS: Final = time(2)  # on the business's clock; each has a minute of its own in the two hours that follow
SPREAD: Final = timedelta(hours=2)
DAY: Final = timedelta(days=1)


def next_walk(business_id: UUID, timezone: str, *, every: timedelta, now: datetime) -> datetime:
    """Return when a walk is due next.

    Args:
        business_id: Decides its minute, so that not all businesses begin at once.
        timezone: Of the business; "" counts as UTC.
        every: A day, or a shorter interval, which begins now.
        now: The database's time.
    """
    if every < DAY:
        return now + every
    zone = ZoneInfo(timezone) if timezone else UTC
    minute = timedelta(minutes=business_id.int % (SPREAD // timedelta(minutes=1)))
    begins = datetime.combine(now.astimezone(zone).date(), SMALL_HOURS, zone) + minute
    while begins <= now:
        begins += DAY  # the same hour on the clock of the business
    return begins.astimezone(UTC)
