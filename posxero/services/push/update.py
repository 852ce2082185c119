"""Send contacts that Xero has: up to 50 in a call, each answered for itself."""

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from posxero.domain.backoff import after, exhausted
from posxero.domain.words import LinkState
from posxero.services.push import reasons
from posxero.services.push.claims import Debt
from posxero.services.push.context import PushContext
from posxero.services.push.settle import Settlement, mark_unknown, parked, postponed, sent, settle
from posxero.services.push.verify import verify
from posxero.xero.errors import Missing, OutcomeUnknown, Refused, Unavailable
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import read_copy, update_of


def update(context: PushContext, debts: Sequence[Debt]) -> None:
    """Make Xero's contacts equal to ours.

    A refusal of a whole call says nothing about its elements: each half is sent again,
    down to one, which alone may be parked by it.

    A 404 is looked into: those that Xero does not have are settled, the rest is sent again.
    An error of Xero's own may be the doing of one contact, too: when Xero can be read
    meanwhile, it is, and the same is done. That contact's tries are used up.

    Raises:
        RetryLater, ConsentLost: The rest was not sent.
        OutcomeUnknown: What was in that call is due for verify; the rest was not sent.
    """
    waiting: list[Sequence[Debt]] = [debts] if debts else []
    while waiting:
        batch = waiting.pop()
        try:
            answers = _send(context, batch)
        except OutcomeUnknown:
            mark_unknown(context.session, context.claim, batch)
            raise
        except Unavailable as error:
            if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            mark_unknown(context.session, context.claim, batch)
            waiting += _halves(verify(context, batch), lambda debt: postpone(context, debt, reasons.BROKEN), context)
        except Missing:  # perhaps: the answer does not name the contact that Xero does not have
            mark_unknown(context.session, context.claim, batch)
            there = verify(context, batch)
            fewer = 0 < len(there) < len(batch)
            waiting += (
                [there] if fewer else _halves(there, lambda debt: postpone(context, debt, reasons.NO_REASON), context)
            )
        except Refused as error:
            waiting += _halves(batch, partial(refused, error=error), context)
        else:
            _take_answers(context, batch, answers)


def said_no(context: PushContext, debt: Debt, answer: Contact) -> Settlement:
    """Settle a contact that Xero's answer says was not written."""
    if answer.complaints:
        return parked(debt, reasons.why(debt.name, answer.complaints), raw=raw_of(answer))
    return postpone(context, debt, reasons.NO_REASON, raw=raw_of(answer))


def postpone(context: PushContext, debt: Debt, reason: str, *, raw: str = "") -> Settlement:
    """Settle a contact that Xero could not take now: later, and not for ever."""
    tries = debt.tries + 1
    if exhausted(tries):
        return parked(debt, f"{reason} Tried {tries} times.", raw=raw)
    return postponed(debt, context.now() + after(tries, context.chance()), reason)


def _halves(batch: Sequence[Debt], alone: Callable[[Debt], Settlement], context: PushContext) -> list[Sequence[Debt]]:
    """Give the halves of a batch to send next; settle a batch of one."""
    if len(batch) == 1:
        settle(context.session, context.claim, [alone(batch[0])], now=context.now())
    middle = len(batch) // 2
    return [batch[middle:], batch[:middle]] if len(batch) > 1 else []


def _send(context: PushContext, batch: Sequence[Debt]) -> list[Contact]:
    elements = [
        update_of(debt.xero_id, debt.values, debt.copy, tax_number_edited=debt.tax_number_edited)
        for debt in batch
        if debt.xero_id is not None
    ]
    return context.call(lambda client: client.post_contacts(elements))


def _take_answers(context: PushContext, batch: Sequence[Debt], answers: Sequence[Contact]) -> None:
    """Settle a batch by its answers, which come in the order sent."""
    now = context.now()
    settlements: list[Settlement] = []
    doubtful: list[Debt] = []
    for debt, answer in zip(batch, answers, strict=True):
        if answer.written and answer.contact_id == debt.xero_id:
            note = " ".join(notice.message or "" for notice in answer.warnings or ())
            settlements.append(sent(debt, read_copy(answer), now=now, raw=raw_of(answer), note=note))
        elif answer.written or reasons.archived(answer.complaints):
            doubtful.append(debt)
        else:
            settlements.append(said_no(context, debt, answer))
    settle(context.session, context.claim, settlements, now=now)
    if doubtful:
        _resolve_archived(context, doubtful)


def _resolve_archived(context: PushContext, debts: Sequence[Debt]) -> None:
    """Look at what Xero called archived: it may be merged or erased. What is in use after all is parked."""
    mark_unknown(context.session, context.claim, debts)
    back = verify(context, debts)
    reason = reasons.GONE[LinkState.ARCHIVED]
    settle(context.session, context.claim, [parked(debt, reason) for debt in back], now=context.now())


def refused(debt: Debt, error: Refused) -> Settlement:
    """Settle the one contact of a call that was refused."""
    words = [word for element in error.elements for word in element.complaints] or [error.message]
    return parked(debt, reasons.why(debt.name, words), raw=error.raw)
