"""Answers about one contact that are no yes: it is parked with the reason, or tried again, and not for ever."""

from posxero.domain.backoff import is_exhausted, retry_delay
from posxero.services.push import reasons
from posxero.services.push.context import PushContext
from posxero.services.push.debt import Debt
from posxero.services.push.settlements import Settlement, parked, postponed
from posxero.xero.errors import Refused
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact


def refused(debt: Debt, error: Refused) -> Settlement:
    """Settle the one contact of a call that was refused."""
    words = [word for element in error.elements for word in element.complaints] or [error.message]
    return parked(debt, reasons.why(debt.name, words), raw=error.raw)


def not_written(context: PushContext, debt: Debt, answer: Contact) -> Settlement:
    """Settle a contact that Xero's answer says was not written."""
    if answer.complaints:
        return parked(debt, reasons.why(debt.name, answer.complaints), raw=raw_of(answer))
    return postpone(context, debt, reasons.NO_REASON, raw=raw_of(answer))


def postpone(context: PushContext, debt: Debt, reason: str, *, raw: str = "", verify: bool = False) -> Settlement:
    """Settle a contact that Xero could not take now: later, and not for ever."""
    tries = debt.tries + 1
    if is_exhausted(tries):
        return parked(debt, f"{reason} Tried {tries} times.", raw=raw)
    now = context.now()
    return postponed(debt, now + retry_delay(tries, context.chance()), reason, now=now, verify=verify)
