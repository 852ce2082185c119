"""Read Xero before sending again: what is there, and is it ours?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from posxero.domain.chunks import chunks
from posxero.domain.diff import Difference
from posxero.domain.enums import LinkState
from posxero.domain.unconfirmed import explains_all
from posxero.services.push.context import PushContext
from posxero.services.push.items import PushItem
from posxero.services.push.kinds.kind import PushKind
from posxero.services.push.outcomes import Outcome, changed_in_xero, gone, verified, withdrawn
from posxero.xero.errors import Missing, TooLarge

RESTORED = (
    "Retail POS was restored from a backup, and Xero has different details. Nothing was sent. "
    "Save it again or press Send ours to Xero to replace Xero's."
)


def verify(context: PushContext, items: Sequence[PushItem]) -> list[PushItem]:
    """Read items in Xero; settle those that hold what they should, are gone, or were changed there.

    Returns:
        Those that must be sent, with what Xero holds now.

    Raises:
        XeroError: Nothing more is known than before.
    """
    to_send: list[PushItem] = []
    for chunk in chunks(items, context.kind.read_batch_size):
        found = _read(context, chunk)
        outcomes: list[Outcome] = []
        now = context.now()
        for item in chunk:
            remote = found.get(item.id)
            if isinstance(remote, Outcome):
                outcomes.append(remote)
            elif (outcome := classify(context.kind, item, remote, now=now)) is not None:
                outcomes.append(outcome)
            else:
                to_send.append(context.kind.with_remote(item, remote))
        context.settle(outcomes)
    return to_send


def classify(kind: PushKind[Any, Any], item: PushItem, remote: Any | None, *, now: datetime) -> Outcome | None:
    """Return what an item comes to by what Xero shows of it; None when it must be sent."""
    state = kind.gone(remote)
    if state is not None and kind.is_withdrawn(item):
        return withdrawn(item)
    if state is not None:
        return gone(kind, item, state, remote, reason=kind.explain_gone(state))
    differing = kind.differing(item, remote)
    if not differing:
        return verified(kind, item, remote, now=now)
    if _may_overwrite(kind, item, remote, differing):
        return None
    note = RESTORED if item.refresh_due and item.owed else ""
    return changed_in_xero(kind, item, remote, now=now, note=note)


def _may_overwrite(kind: PushKind[Any, Any], item: PushItem, remote: Any, differing: Sequence[Difference]) -> bool:
    """Return whether what differs in Xero is to be replaced: what a person changed there is not, unless it is owed."""
    if item.state is not LinkState.ACTIVE:
        return False
    if item.refresh_due:
        return item.owed and not kind.changed_since_copy(item, remote)
    return item.owed or item.verify_due or explains_all(item.unconfirmed, differing)


def _read(context: PushContext, items: Sequence[PushItem]) -> dict[UUID, Any]:
    """Read items, by the id of their row.

    One that the answer lacks or repeats is read alone: a list that lacks it does not say that Xero does.

    Returns:
        What Xero holds; an `Outcome` where it cannot be told; nothing where Xero does not have it.
    """
    kind, ids = context.kind, [item.xero_id for item in items if item.xero_id is not None]
    try:
        answered = context.call(lambda client: kind.read(client, ids))
    except TooLarge:
        answered = []
    count = Counter(kind.id_of(remote) for remote in answered)
    certain = {kind.id_of(remote): remote for remote in answered if count[kind.id_of(remote)] == 1}
    found: dict[UUID, Any] = {}
    for item in items:
        if item.xero_id in certain:
            found[item.id] = certain[item.xero_id]
        elif item.xero_id is not None and (alone := _read_one(context, item, item.xero_id)) is not None:
            found[item.id] = alone
    return found


def _read_one(context: PushContext, item: PushItem, xero_id: UUID) -> Any | None:
    """Read an item by its own address; None when Xero says that it does not have it."""
    try:
        remote = context.call(lambda client: context.kind.read_one(client, xero_id))
    except Missing:
        return None
    except TooLarge:
        remote = None
    if remote is None or context.kind.id_of(remote) != xero_id:
        return context.snoozed(item, context.kind.words.not_in_answer, verify=not item.is_only_read)
    return remote
