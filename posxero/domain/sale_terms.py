"""When a sale on account is due."""

from calendar import monthrange
from datetime import date, timedelta

from posxero.domain.enums import LabelledEnum


class DueRule(LabelledEnum):
    """From which day the days until the due date are counted."""

    AFTER_SALE = "after_sale", "After the sale"
    AFTER_MONTH = "after_month", "After the end of the month"


def due_date(sold_on: date, rule: DueRule, days: int) -> date:
    """Return when a sale of a day is due; the last day of the calendar where it would be later."""
    start = sold_on
    if rule is DueRule.AFTER_MONTH:
        start = sold_on.replace(day=monthrange(sold_on.year, sold_on.month)[1])
    return start + min(timedelta(days=days), date.max - start)
