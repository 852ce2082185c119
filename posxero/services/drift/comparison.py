"""What a link becomes by what a read of Xero shows: its copy, whether that differs from ours, and whether it is gone.

No database and no Xero: rules of their own, which imports, webhooks, the poll and the walk share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from posxero.domain.copies import XeroCopy
from posxero.domain.diff import Difference, differences, sent_keys
from posxero.domain.enums import ActivityKind, LinkState
from posxero.domain.gone import REASONS, gone_state
from posxero.domain.unconfirmed import UnconfirmedRequest, explains_all

RESTORED: Final = "It is in use again in Xero."


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedContact:
    """A link that no worker holds, with what its copy is compared by.

    `unconfirmed` are requests of ours whose outcome is unknown.
    """

    id: UUID
    xero_id: UUID
    contact_id: UUID
    owed: bool
    state: LinkState
    reason: str
    copy: XeroCopy
    copied_at: datetime | None
    differs: bool
    differs_since_linked: bool
    unconfirmed: Sequence[UnconfirmedRequest]
    values: Mapping[str, str]
    tax_number_edited: bool


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What is written of a link.

    Attributes:
        columns: Of the link, always the same ones.
        activity: What the history says; nothing when None.
        changes: Xero's values that changed: (field key, before, after).
    """

    columns: Mapping[str, Any]
    activity: ActivityKind | None = None
    note: str = ""
    changes: Sequence[Sequence[str]] = ()


def refreshed(link: LinkedContact, copy: XeroCopy | None, *, read_at: datetime, marks_gone: bool) -> Refreshed | None:
    """Return what a link becomes; None when the read tells nothing new.

    A link that is owed is left to its push, which will say what Xero holds: only one whose contact was gone and is in
    use again may be sent from now on.

    Args:
        link: As it is.
        copy: What Xero holds; None when Xero says that it has no such contact.
        read_at: When Xero was asked, by the database's clock.
        marks_gone: Whether the link's state follows Xero's.
    """
    if not _is_newer(link, copy, read_at):
        return None
    state = gone_state(copy)
    if link.owed and (state is not None or not link.state.is_gone):
        return None
    if copy is None:
        return _gone(link, link.copy, LinkState.MISSING, link.copied_at, ())
    changed = differences(copy.values, link.copy.values)
    copied_at = max(read_at, link.copied_at or read_at)
    if state is not None and marks_gone:
        return _gone(link, copy, state, copied_at, changed)
    return _in_use(link, copy, copied_at, changed, restores=marks_gone and link.state.is_gone)


def _is_newer(link: LinkedContact, copy: XeroCopy | None, read_at: datetime) -> bool:
    if copy is None:
        return link.copied_at is None or link.copied_at <= read_at
    return copy.supersedes(link.copy, kept_at=link.copied_at, read_at=read_at)


def _gone(
    link: LinkedContact, copy: XeroCopy, state: LinkState, copied_at: datetime | None, changed: Sequence[Difference]
) -> Refreshed | None:
    if state is link.state and _is_same(copy, link.copy):
        return None
    since_linked = link.differs_since_linked and not changed
    columns = _columns(copy, copied_at, state, REASONS[state], differs=link.differs, since_linked=since_linked)
    activity = None if state is link.state else ActivityKind.GONE_FROM_XERO
    return Refreshed(columns, activity, REASONS[state] if activity else "", _rows(changed))


def _in_use(
    link: LinkedContact, copy: XeroCopy, copied_at: datetime, changed: Sequence[Difference], *, restores: bool
) -> Refreshed | None:
    differing = differences(link.values, copy.values, keys=sent_keys(tax_number_edited=link.tax_number_edited))
    if differing and link.unconfirmed and explains_all(link.unconfirmed, differing):
        return None  # our own late request wrote it: the check of that request sends ours again
    differs = bool(differing)
    if _is_same(copy, link.copy) and differs == link.differs and not restores:
        return None
    state, reason = (LinkState.ACTIVE, "") if restores else (link.state, link.reason)
    since_linked = link.differs_since_linked and differs and not changed
    columns = _columns(copy, copied_at, state, reason, differs=differs, since_linked=since_linked)
    if not changed and not restores:
        return Refreshed(columns)
    return Refreshed(columns, ActivityKind.CHANGED_IN_XERO, RESTORED if restores else "", _rows(changed))


def _is_same(copy: XeroCopy, kept: XeroCopy) -> bool:
    """Return whether two copies are equal, whatever was empty in Xero's answer or not in it."""
    return copy.to_json() == kept.to_json()


def _columns(
    copy: XeroCopy,
    copied_at: datetime | None,
    state: LinkState,
    reason: str,
    *,
    differs: bool,
    since_linked: bool,
) -> dict[str, Any]:
    return {
        "copy": copy.to_json(),
        "copied_at": copied_at,
        "differs": differs,
        "differs_since_linked": since_linked,
        "state": state,
        "reason": reason,
    }


def _rows(changed: Sequence[Difference]) -> Sequence[Sequence[str]]:
    return [[one.key, one.theirs, one.ours] for one in changed]
