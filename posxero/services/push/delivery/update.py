"""Send items that Xero has, a batch in a call, each answered for itself."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog

from posxero.domain.enums import LinkState
from posxero.domain.refusals import Refusal
from posxero.services.push.context import PushContext
from posxero.services.push.delivery.verify import verify
from posxero.services.push.items import PushItem
from posxero.services.push.kinds.kind import PushKind
from posxero.services.push.outcomes import Outcome, parked, refused, sent
from posxero.xero.errors import Missing, OutcomeUnknown, Refused, Unavailable

NO_ID = UUID(int=0)  # of an answer that names no item

log = structlog.get_logger(__name__)


def update(context: PushContext, items: Sequence[PushItem]) -> None:
    """Make Xero's items equal to ours.

    A refusal of a whole call says nothing about its elements: each half is sent again,
    down to one, which alone may be parked by it.

    A 404 is looked into: those that Xero does not have are settled, the rest is sent again.
    An error of Xero's own may be the doing of one item, too: when Xero can be read
    meanwhile, it is, and the same is done. That item's tries are used up.

    Raises:
        RetryLater, ConsentLost: The rest was not sent.
        OutcomeUnknown: What was in that call is due for verify; the rest was not sent.
    """
    kind = context.kind
    waiting: list[Sequence[PushItem]] = [items] if items else []
    while waiting:
        batch = waiting.pop()
        try:
            answers = context.call(partial(_update_batch, kind, batch))
        except OutcomeUnknown:
            context.mark_unknown(batch)
            raise
        except Unavailable as error:
            if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            context.mark_unknown(batch)
            snoozed = partial(context.snoozed, reason=kind.words.internal_error)
            waiting += _halves(context, verify(context, batch), snoozed)
        except Missing:  # perhaps: the answer does not name the item that Xero does not have
            context.mark_verify_due(batch)
            there = verify(context, batch)
            fewer = 0 < len(there) < len(batch)
            snoozed = partial(context.snoozed, reason=kind.words.no_reason)
            waiting += [there] if fewer else _halves(context, there, snoozed)
        except Refused as error:
            waiting += _halves(context, batch, partial(refused, kind, error=error))
        else:
            _settle_answers(context, batch, answers)


def _update_batch(kind: PushKind[Any, Any], batch: Sequence[PushItem], client: Any) -> Sequence[Any]:
    return kind.update(client, batch)


def _halves(
    context: PushContext, batch: Sequence[PushItem], outcome_alone: Callable[[PushItem], Outcome]
) -> list[Sequence[PushItem]]:
    """Return the halves of a batch to send next; settle a batch of one."""
    if len(batch) == 1:
        context.settle([outcome_alone(batch[0])])
    middle = len(batch) // 2
    return [batch[middle:], batch[:middle]] if len(batch) > 1 else []


def _settle_answers(context: PushContext, batch: Sequence[PushItem], answers: Sequence[Any]) -> None:
    """Settle a batch by its answers. One without an answer of its own is looked up in Xero."""
    kind, now = context.kind, context.now()
    matched = _match(kind, batch, answers)
    outcomes: list[Outcome] = []
    said_gone: list[PushItem] = []
    for item in batch:
        answer = matched.get(item.id)
        if answer is None:
            continue
        if kind.is_written(answer):
            outcomes.append(sent(kind, item, answer, now=now, note=kind.notices_of(answer)))
        elif kind.says_gone(kind.complaints_of(answer)):
            said_gone.append(item)
        else:
            outcomes.append(context.not_written(item, answer))
    context.settle(outcomes)
    if unanswered := [item for item in batch if item.id not in matched]:
        log.warning("push.answers_do_not_match", sent=len(batch), answered=len(answers), unknown=len(unanswered))
        context.mark_unknown(unanswered)
        _verify_or(context, unanswered, partial(context.snoozed, reason=kind.words.not_in_answer, verify=True))
    if said_gone:  # a contact perhaps merged or erased; one that is in use after all is parked
        context.mark_verify_due(said_gone)
        _verify_or(context, said_gone, partial(parked, refusal=Refusal(kind.explain_gone(LinkState.ARCHIVED))))


def _match(kind: PushKind[Any, Any], batch: Sequence[PushItem], answers: Sequence[Any]) -> dict[UUID, Any]:
    """Return the answer to each item, by the id of its row.

    An answer counts by the id that it names. An element that is refused may name none:
    it counts when only one item is left that it can be about.
    """
    by_id: defaultdict[UUID, list[Any]] = defaultdict(list)
    for answer in answers:
        by_id[kind.id_of(answer)].append(answer)
    named = [(item, by_id[item.xero_id]) for item in batch if item.xero_id is not None]
    matched = {item.id: found[0] for item, found in named if len(found) == 1}
    left, unnamed = [item for item, found in named if not found], by_id[NO_ID]
    if len(left) == len(unnamed) == 1 and len(answers) == len(batch):
        matched[left[0].id] = unnamed[0]
    return matched


def _verify_or(context: PushContext, items: Sequence[PushItem], outcome: Callable[[PushItem], Outcome]) -> None:
    """Verify items, and settle with `outcome` those that Xero does not hold as they should be."""
    context.settle([outcome(item) for item in verify(context, items)])
