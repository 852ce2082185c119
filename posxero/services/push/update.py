"""Send contacts that Xero has: up to 50 in a call, each answered for itself."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from uuid import UUID

import structlog

from posxero.domain.enums import LinkState
from posxero.services.push import reasons
from posxero.services.push.attempts import not_written, postpone, refused
from posxero.services.push.context import PushContext
from posxero.services.push.debt import Debt
from posxero.services.push.settle import mark_verify_due, settle
from posxero.services.push.settlements import Settlement, parked, sent
from posxero.services.push.verify import verify
from posxero.xero.errors import Missing, OutcomeUnknown, Refused, Unavailable
from posxero.xero.refusals import raw_of
from posxero.xero.shapes import Contact
from posxero.xero.wire import read_copy, update_of

log = structlog.get_logger(__name__)


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
            context.mark_unknown(batch)
            raise
        except Unavailable as error:
            if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            context.mark_unknown(batch)
            waiting += _halves(context, verify(context, batch), partial(postpone, context, reason=reasons.BROKEN))
        except Missing:  # perhaps: the answer does not name the contact that Xero does not have
            mark_verify_due(context.session, context.claim, batch)
            there = verify(context, batch)
            fewer = 0 < len(there) < len(batch)
            alone = partial(postpone, context, reason=reasons.NO_REASON)
            waiting += [there] if fewer else _halves(context, there, alone)
        except Refused as error:
            waiting += _halves(context, batch, partial(refused, error=error))
        else:
            _settle_answers(context, batch, answers)


def _halves(context: PushContext, batch: Sequence[Debt], alone: Callable[[Debt], Settlement]) -> list[Sequence[Debt]]:
    """Return the halves of a batch to send next; settle a batch of one."""
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


def _settle_answers(context: PushContext, batch: Sequence[Debt], answers: Sequence[Contact]) -> None:
    """Settle a batch by its answers. One without an answer of its own is looked up in Xero."""
    now = context.now()
    matched = _match(batch, answers)
    settlements: list[Settlement] = []
    archived: list[Debt] = []
    for debt in batch:
        answer = matched.get(debt.link_id)
        if answer is None:
            continue
        if answer.written:
            note = " ".join(notice.message or "" for notice in answer.warnings or ())
            settlements.append(sent(debt, read_copy(answer), now=now, raw=raw_of(answer), note=note))
        elif reasons.archived(answer.complaints):
            archived.append(debt)
        else:
            settlements.append(not_written(context, debt, answer))
    settle(context.session, context.claim, settlements, now=now)
    if unanswered := [debt for debt in batch if debt.link_id not in matched]:
        log.warning("push.answers_do_not_match", sent=len(batch), answered=len(answers), unknown=len(unanswered))
        context.mark_unknown(unanswered)
        _settle_left(context, unanswered, partial(postpone, context, reason=reasons.INCOMPLETE, verify=True))
    if archived:  # perhaps merged or erased; one that is in use after all is parked
        mark_verify_due(context.session, context.claim, archived)
        _settle_left(context, archived, partial(parked, reason=reasons.GONE[LinkState.ARCHIVED]))


def _match(batch: Sequence[Debt], answers: Sequence[Contact]) -> dict[UUID, Contact]:
    """Return the answer to each debt, by the id of its link.

    An answer counts by the id that it names. An element that is refused may name none:
    it counts when only one debt is left that it can be about.
    """
    by_id: defaultdict[UUID, list[Contact]] = defaultdict(list)
    for answer in answers:
        by_id[answer.contact_id].append(answer)
    named = [(debt, by_id[debt.xero_id]) for debt in batch if debt.xero_id is not None]
    matched = {debt.link_id: found[0] for debt, found in named if len(found) == 1}
    left, unnamed = [debt for debt, found in named if not found], by_id[UUID(int=0)]
    if len(left) == len(unnamed) == 1 and len(answers) == len(batch):
        matched[left[0].link_id] = unnamed[0]
    return matched


def _settle_left(context: PushContext, debts: Sequence[Debt], settlement: Callable[[Debt], Settlement]) -> None:
    """Verify debts, and settle as told those that Xero does not hold as they should be."""
    left = verify(context, debts)
    settle(context.session, context.claim, [settlement(debt) for debt in left], now=context.now())
