"""What one debt of a push came to: what its link and the history will say. `settle` writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.enums import ActivityKind, LinkState
from posxero.services.push.debt import Debt

RELEASED: dict[str, Any] = {"lease_token": None, "lease_until": None, "in_flight": None}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one debt came to.

    Attributes:
        debt: As it was sent: its revision is the one that is settled.
        columns: Of its link.
        kind: What the history says; nothing when None.
        read: True when Xero showed what it holds now, so that the checks that were due are done.
        ends_creation: True when Xero answered the attempt to create it, so that its key is used up.
    """

    debt: Debt
    columns: Mapping[str, Any]
    kind: ActivityKind | None = None
    note: str = ""
    raw: str = ""
    changes: Sequence[Any] = field(default=())
    read: bool = False
    ends_creation: bool = False

    @property
    def is_rejection(self) -> bool:
        """Whether it is about the values that were sent: newer ones may do better."""
        return self.kind in {ActivityKind.NOT_SENT, ActivityKind.DELAYED}


def sent(debt: Debt, copy: XeroCopy, *, now: datetime, raw: str = "", note: str = "") -> Settlement:
    """Xero took the revision, and answered what it holds now."""
    before = differences(debt.values, debt.copy.values)
    changes = [[one.key, one.theirs, one.ours] for one in before]
    columns = _in_sync(debt, copy, now) | {"sent_at": now}
    return Settlement(debt, columns, ActivityKind.SENT, note, raw, changes, read=True)


def verified(debt: Debt, copy: XeroCopy, *, now: datetime, raw: str = "") -> Settlement:
    """Xero was asked and holds this revision: an earlier call, whose answer was lost, did it."""
    if debt.owed:
        return sent(debt, copy, now=now, raw=raw, note="Xero's response was lost, so we checked: Xero has it.")
    return Settlement(debt, _in_sync(debt, copy, now), ActivityKind.VERIFIED, raw=raw, read=True)


def parked(debt: Debt, reason: str, *, raw: str = "") -> Settlement:
    """Xero said no: a person must change something, or press Try again."""
    columns = RELEASED | {"state": LinkState.PARKED, "reason": reason, "next_try_at": None, "verify_due": False}
    return Settlement(debt, columns, ActivityKind.NOT_SENT, reason, raw)


def gone(debt: Debt, state: LinkState, reason: str, copy: XeroCopy | None = None, *, raw: str = "") -> Settlement:
    """Xero no longer has the contact in use."""
    columns = RELEASED | {"state": state, "reason": reason, "next_try_at": None, "verify_due": False}
    if copy is not None:
        columns |= {"copy": copy.to_json(), "differs_since_linked": _still_since_linked(debt, copy)}
    kind = None if state is debt.state else ActivityKind.GONE_FROM_XERO
    return Settlement(debt, columns, kind, reason, raw, read=True)


def postponed(debt: Debt, until: datetime, reason: str, *, now: datetime, verify: bool = False) -> Settlement:
    """An answer about this contact that is neither yes nor no: a try is used up."""
    columns = RELEASED | {"next_try_at": until, "snoozed_at": now, "tries": debt.tries + 1, "reason": reason}
    if verify:
        columns["verify_due"] = True
    return Settlement(debt, columns, ActivityKind.DELAYED, reason)


def changed_in_xero(debt: Debt, copy: XeroCopy, *, now: datetime, raw: str = "", note: str = "") -> Settlement:
    """Xero holds what nobody here sent: it is shown, and nothing is sent until a person asks for it."""
    seen = differences(copy.values, debt.copy.values)
    columns = RELEASED | {
        "copy": copy.to_json(),
        "copied_at": now,
        "differs": True,
        "differs_since_linked": _still_since_linked(debt, copy),
        "verify_due": False,
    }
    if debt.state is not LinkState.PARKED:
        resting = {"sent_revision": debt.revision} if debt.owed else {}
        columns |= {"state": LinkState.ACTIVE, "reason": "", "next_try_at": None} | resting
    kind = ActivityKind.CHANGED_IN_XERO if seen or note else None
    return Settlement(debt, columns, kind, note, raw, [[one.key, one.theirs, one.ours] for one in seen], read=True)


def absent(debt: Debt) -> Settlement:
    """Xero was asked for the contact that an unknown creation may have made, and does not have it."""
    return Settlement(debt, RELEASED, read=True)


def _still_since_linked(debt: Debt, copy: XeroCopy) -> bool:
    """Return whether a difference is still the one of the linking: Xero shows no other values than before."""
    return debt.differs_since_linked and not differences(copy.values, debt.copy.values)


def _in_sync(debt: Debt, copy: XeroCopy, now: datetime) -> dict[str, Any]:
    return RELEASED | {
        "copy": copy.to_json(),
        "copied_at": now,
        "differs": bool(
            differences(debt.values, copy.values, keys=sent_keys(tax_number_edited=debt.tax_number_edited))
        ),
        "differs_since_linked": False,
        "sent_revision": debt.revision,
        "state": LinkState.ACTIVE,
        "reason": "",
        "tries": 0,
        "next_try_at": None,
        "verify_due": False,
    }
