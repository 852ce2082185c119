"""What one item of a push came to: what its row and the history will say. `settle` writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from posxero.db.lease import RELEASED_LEASE
from posxero.domain.backoff import is_exhausted, retry_delay
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.refusals import Refusal, RefusalKind
from posxero.services.push.items import PushItem
from posxero.services.push.kinds.kind import Item, PushKind, Remote
from posxero.xero.errors import Refused

ANSWER_LOST = "Xero's response was lost, so we checked: Xero has it."
RELEASED: dict[str, Any] = RELEASED_LEASE | {"in_flight": None}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one item came to.

    Attributes:
        item: As it was sent: its revision is the one that is settled.
        columns: Of its row.
        activity: What the history says; nothing when None.
        changes: (field key, Xero's value before, ours).
        was_read: True when Xero showed what it holds now, so that the checks that were due are done.
        was_sent: True when Xero took this revision.
        ends_creation: True when Xero answered the attempt to create it, so that its key is used up.
        is_renumbered: True when Xero has another item with its number, so that it gets the next one.
        refusal: Why Xero refused it, where it did.
    """

    item: PushItem
    columns: Mapping[str, Any]
    activity: ActivityKind | None = None
    note: str = ""
    raw: str = ""
    changes: Sequence[Any] = field(default=())
    was_read: bool = False
    was_sent: bool = False
    ends_creation: bool = False
    is_renumbered: bool = False
    refusal: RefusalKind = RefusalKind.OTHER

    @property
    def is_answer(self) -> bool:
        """Whether Xero answered what was sent: it took it, or refused it."""
        return self.was_sent or (self.activity is ActivityKind.NOT_SENT and bool(self.raw))

    @property
    def is_rejection(self) -> bool:
        """Whether it is about the values that were sent: newer ones may do better."""
        return self.activity in {ActivityKind.NOT_SENT, ActivityKind.DELAYED}


def sent(kind: PushKind[Item, Remote], item: Item, remote: Remote, *, now: datetime, note: str = "") -> Outcome:
    """Build the outcome of a revision that Xero took; its answer says what it holds now."""
    changes = [[one.key, one.theirs, one.ours] for one in kind.replaced(item)]
    columns = _in_sync(item) | kind.columns_after(item, remote, now=now) | {"sent_at": now}
    raw = kind.raw_of(remote)
    return Outcome(item, columns, ActivityKind.SENT, note, raw, changes, was_read=True, was_sent=True)


def verified(kind: PushKind[Item, Remote], item: Item, remote: Remote, *, now: datetime) -> Outcome:
    """Build the outcome of a revision that Xero was found to hold: by a call whose answer was lost, or by somebody."""
    if item.owed:
        note = kind.notices_of(remote) if item.read_first else ANSWER_LOST
        return sent(kind, item, remote, now=now, note=note)
    columns = _in_sync(item) | kind.columns_after(item, remote, now=now)
    return Outcome(item, columns, ActivityKind.VERIFIED, raw=kind.raw_of(remote), was_read=True)


def parked(item: PushItem, refusal: Refusal, *, raw: str = "") -> Outcome:
    """Build the outcome of an item that Xero refused: a person must change something, or press Try again."""
    why = {"reason": refusal.reason, "refusal": refusal.kind}
    columns = RELEASED | why | {"state": LinkState.PARKED, "next_try_at": None, "verify_due": False}
    return Outcome(item, columns, ActivityKind.NOT_SENT, refusal.reason, raw, refusal=refusal.kind)


def refused(kind: PushKind[Item, Remote], item: Item, error: Refused) -> Outcome:
    """Return what the one item of a call that was refused comes to."""
    complaints = [words for element in error.elements for words in element.error_messages] or [error.message]
    return parked(item, kind.explain(item, complaints), raw=error.raw)


def gone(kind: PushKind[Item, Remote], item: Item, state: LinkState, remote: Remote | None, *, reason: str) -> Outcome:
    """Build the outcome of an item that Xero no longer has in use."""
    columns = RELEASED | {"state": state, "reason": reason, "next_try_at": None, "verify_due": False}
    activity = None if state is item.state else ActivityKind.GONE_FROM_XERO
    raw = kind.raw_of(remote) if remote is not None else ""
    return Outcome(item, columns | kind.columns_gone(item, remote), activity, reason, raw, was_read=True)


def snoozed(
    item: PushItem, reason: str, *, now: datetime, jitter: float, raw: str = "", verify: bool = False
) -> Outcome:
    """Build the outcome of an item that Xero could not take now: it is tried again later, and not for ever.

    Args:
        jitter: From -1 to 1, which spreads the waits.
        verify: Xero must be read before it is sent again.
    """
    tries = item.tries + 1
    if is_exhausted(tries):
        return parked(item, Refusal(f"{reason} Tried {tries} times."), raw=raw)
    wait: timedelta = retry_delay(tries, jitter)
    columns = RELEASED | {"next_try_at": now + wait, "snoozed_at": now, "tries": tries, "reason": reason}
    return Outcome(item, columns | ({"verify_due": True} if verify else {}), ActivityKind.DELAYED, reason)


def changed_in_xero(
    kind: PushKind[Item, Remote], item: Item, remote: Remote, *, now: datetime, note: str = ""
) -> Outcome:
    """Build the outcome of an item that somebody changed in Xero: that is shown, and ours sent once a person asks."""
    seen = kind.changed_since_copy(item, remote)
    columns = RELEASED | {"verify_due": False} | kind.columns_changed(item, remote, now=now)
    if item.state is not LinkState.PARKED:
        resting = {"sent_revision": item.revision} if item.owed else {}
        columns |= {"state": LinkState.ACTIVE, "reason": "", "next_try_at": None} | resting
    activity = ActivityKind.CHANGED_IN_XERO if seen or note else None
    changes = [[one.key, one.theirs, one.ours] for one in seen]
    return Outcome(item, columns, activity, note, kind.raw_of(remote), changes, was_read=True)


def absent(item: PushItem) -> Outcome:
    """Build the outcome of a creation of unknown outcome that Xero was found not to have."""
    return Outcome(item, RELEASED, was_read=True)


def withdrawn(item: PushItem) -> Outcome:
    """Build the outcome of an item that was taken back here, and that Xero does not have: there is nothing to say."""
    return Outcome(item, _in_sync(item), was_read=True, ends_creation=True)


def renumbered(item: PushItem, reason: str, refusal: Outcome) -> Outcome:
    """Build the outcome of an item whose number is taken: it gets the next one, unless too many were taken in a row.

    Args:
        refusal: What it comes to after too many.
    """
    tries = item.tries + 1
    if is_exhausted(tries):
        return replace(refusal, ends_creation=True)
    columns = RELEASED | {"tries": tries, "reason": reason, "next_try_at": None}
    return Outcome(item, columns, ActivityKind.DELAYED, reason, refusal.raw, ends_creation=True, is_renumbered=True)


def _in_sync(item: PushItem) -> dict[str, Any]:
    return RELEASED | {
        "sent_revision": item.revision,
        "state": LinkState.ACTIVE,
        "reason": "",
        "tries": 0,
        "next_try_at": None,
        "verify_due": False,
    }
