"""Write down what came of a push: compare-and-set on the lease, for the revision that was sent.

Each function commits. A link whose lease was lost in the meantime is not closed: what
was sent may have overtaken a newer push, so it is due for verify.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.domain.copies import XeroCopy
from posxero.domain.diff import differences, sent_keys
from posxero.domain.words import ActivityKind, LinkState
from posxero.services.push.claims import Claim, Debt

RELEASED: dict[str, Any] = {"lease_token": None, "lease_until": None}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one debt came to: columns of its link, and what the history says (nothing without a kind)."""

    debt: Debt
    columns: Mapping[str, Any]
    kind: ActivityKind | None = None
    note: str = ""
    raw: str = ""
    changes: Sequence[Any] = field(default=())

    @property
    def said_no(self) -> bool:
        """Tell whether it is about the values that were sent: newer ones may do better."""
        return self.kind in {ActivityKind.NOT_SENT, ActivityKind.DELAYED}


def sent(debt: Debt, copy: XeroCopy, *, now: datetime, raw: str = "", note: str = "") -> Settlement:
    """Xero took the revision, and answered what it holds now."""
    before = differences(debt.values, debt.copy.values)
    changes = [[one.key, one.theirs, one.ours] for one in before]
    columns = _holds(debt, copy, now) | {"sent_at": now}
    return Settlement(debt, columns, ActivityKind.SENT, note, raw, changes)


def verified(debt: Debt, copy: XeroCopy, *, now: datetime, raw: str = "") -> Settlement:
    """Xero was asked and holds this revision: an earlier call, whose answer was lost, did it."""
    if debt.owed:
        return sent(debt, copy, now=now, raw=raw, note="The answer was lost, so we looked: Xero has it.")
    return Settlement(debt, _holds(debt, copy, now), ActivityKind.VERIFIED, raw=raw)


def parked(debt: Debt, reason: str, *, raw: str = "") -> Settlement:
    """Xero said no: a person must change something, or press Try again."""
    columns = RELEASED | {"state": LinkState.PARKED, "reason": reason, "next_try_at": None, "verify_due": False}
    return Settlement(debt, columns, ActivityKind.NOT_SENT, reason, raw)


def gone(debt: Debt, state: LinkState, reason: str, copy: XeroCopy | None = None, *, raw: str = "") -> Settlement:
    """Xero no longer has the contact in use."""
    columns = RELEASED | {"state": state, "reason": reason, "next_try_at": None, "verify_due": False}
    if copy is not None:
        columns["copy"] = copy.to_json()
    return Settlement(debt, columns, ActivityKind.GONE_FROM_XERO, reason, raw)


def postponed(debt: Debt, until: datetime, reason: str, *, unsure: bool = False) -> Settlement:
    """An answer about this contact that is neither yes nor no: a try is used up."""
    columns = RELEASED | {"next_try_at": until, "tries": debt.tries + 1, "reason": reason}
    if unsure:
        columns["verify_due"] = True
    return Settlement(debt, columns, ActivityKind.DELAYED, reason)


def settle(session: Session, claim: Claim, settlements: Sequence[Settlement], *, now: datetime) -> None:
    """Write settlements down, each only while its lease is still ours."""
    if not settlements:
        return
    ids = [one.debt.link_id for one in settlements]
    with writing(session):
        held = _held(session, claim, ids)
        for one in settlements:
            owed = held.get(one.debt.link_id)
            if owed is None:
                continue
            newer = one.said_no and owed > one.debt.revision
            _write(session, claim, one.debt.link_id, RELEASED if newer else one.columns)
            if one.kind is not None:
                session.add(_activity(claim.business_id, one, now))
        mark_verify_due(session, claim.business_id, [one for one in ids if one not in held])


def mark_unknown(session: Session, claim: Claim, debts: Sequence[Debt]) -> None:
    """The call was sent and no answer came: look before anything else is sent."""
    with writing(session):
        mark_verify_due(session, claim.business_id, [debt.link_id for debt in debts])


def release(session: Session, claim: Claim, *, wait_until: datetime | None = None) -> None:
    """Let go of everything that is still under the lease; nothing was said about it, so no try is used up."""
    columns = RELEASED if wait_until is None else RELEASED | {"next_try_at": wait_until}
    with writing(session):
        session.execute(
            update(Link)
            .where(Link.business_id == claim.business_id, Link.lease_token == claim.token)
            .values(columns)
            .execution_options(synchronize_session=False)
        )


def _holds(debt: Debt, copy: XeroCopy, now: datetime) -> dict[str, Any]:
    return RELEASED | {
        "copy": copy.to_json(),
        "copied_at": now,
        "differs": bool(
            differences(debt.values, copy.values, keys=sent_keys(tax_number_edited=debt.tax_number_edited))
        ),
        "sent_revision": debt.revision,
        "state": LinkState.ACTIVE,
        "reason": "",
        "tries": 0,
        "next_try_at": None,
        "verify_due": False,
    }


def _held(session: Session, claim: Claim, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Lock the links whose lease is ours (SQLite's write lock is held already); give what each owes now."""
    query = select(Link.id, Link.owed_revision).where(
        Link.business_id == claim.business_id, Link.id.in_(ids), Link.lease_token == claim.token
    )
    return {row.id: row.owed_revision for row in session.execute(query.order_by(Link.id).with_for_update())}


def _write(session: Session, claim: Claim, link_id: UUID, columns: Mapping[str, Any]) -> None:
    session.execute(
        update(Link)
        .where(Link.business_id == claim.business_id, Link.id == link_id, Link.lease_token == claim.token)
        .values(columns)
        .execution_options(synchronize_session=False)
    )


def mark_verify_due(session: Session, business_id: UUID, ids: Sequence[UUID]) -> None:
    if ids:
        session.execute(
            update(Link)
            .where(Link.business_id == business_id, Link.id.in_(ids))
            .values(verify_due=True)
            .execution_options(synchronize_session=False)
        )


def _activity(business_id: UUID, one: Settlement, now: datetime) -> Activity:
    return Activity(
        business_id=business_id,
        at=now,
        kind=one.kind,
        contact_id=one.debt.contact_id,
        revision=one.debt.revision,
        changes=list(one.changes),
        note=one.note,
        raw=one.raw,
    )
