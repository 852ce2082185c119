"""Write what came of a push: compare-and-set on the lease, for the revision that was sent.

Each function commits. A row whose lease was lost in the meantime is not closed: what
was sent may have overtaken a newer push, so it is due for verify.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.lease import lease_is_held
from posxero.domain.enums import ActivityKind
from posxero.services import activity
from posxero.services.push.claims import Claim
from posxero.services.push.in_flight import checked_columns, unknown_columns
from posxero.services.push.items import NO_CREATION, Creation, PushItem
from posxero.services.push.outcomes import RELEASED, Outcome
from posxero.settings import Timings


def settle(session: Session, claim: Claim, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write outcomes, each only while its lease is still ours."""
    if not outcomes:
        return
    ids = [outcome.item.id for outcome in outcomes]
    with writing(session):
        held = _lock_held(session, claim, ids)
        for outcome in outcomes:
            row = held.get(outcome.item.id)
            if row is None:
                continue
            columns = _columns(outcome, row, now)
            if outcome.is_renumbered:
                columns |= claim.kind.renumber(session, claim.business_id)
            _write(session, claim, outcome.item.id, columns)
            _record(session, claim, outcome, now)
            if outcome.was_sent:
                claim.kind.record_sent(session, claim.connection, outcome.item, now=now)
            elif outcome.activity is ActivityKind.NOT_SENT:
                claim.kind.record_refused(session, claim.connection, outcome.refusal, now=now)
        claim.kind.update_dependents(session, claim.business_id, [one.item for one in outcomes if one.item.id in held])
        lost = [one for one in outcomes if one.item.id not in held and (one.was_sent or not one.item.is_only_read)]
        _mark_verify_due(session, claim, [one.item.id for one in lost])


def mark_unknown(
    session: Session,
    claim: Claim,
    items: Sequence[PushItem],
    timings: Timings,
    *,
    now: datetime,
    creation: Creation | None = None,
    may_be_sent: bool = False,
) -> None:
    """Note that a call was sent and not answered: verify before anything else is sent, and check again later.

    Args:
        timings: When those checks are.
        creation: The attempt to create the one item; None for updates.
        may_be_sent: It is not known whether anything was sent. What was only to be read is checked later, and not
            verified: that would replace what somebody changed in Xero.
    """
    with writing(session):
        held = _lock_held(session, claim, [item.id for item in items])
        for item in items:
            if (row := held.get(item.id)) is not None:
                values = creation.values if creation else item.values
                columns = unknown_columns(row.unconfirmed, values, timings, now=now, creation=creation is not None)
                if may_be_sent and item.is_only_read:
                    columns.pop("verify_due")
                _write(session, claim, item.id, columns)
        _mark_verify_due(session, claim, [item.id for item in items if item.id not in held])


def mark_verify_due(session: Session, claim: Claim, items: Sequence[PushItem]) -> None:
    """Verify before anything else is sent. Nothing is in flight: Xero answered."""
    with writing(session):
        _mark_verify_due(session, claim, [item.id for item in items])


def release(session: Session, claim: Claim, *, snooze: tuple[datetime, datetime] | None = None) -> None:
    """Release everything that is still under the lease; nothing was said about it, so no try is used up.

    Args:
        snooze: From when until when it is left alone.
    """
    columns = RELEASED if snooze is None else RELEASED | {"snoozed_at": snooze[0], "next_try_at": snooze[1]}
    table = claim.kind.table
    with writing(session):
        session.execute(
            update(table)
            .where(table.business_id == claim.business_id, lease_is_held(table, claim.token))
            .values(columns)
            .execution_options(synchronize_session=False)
        )


def _columns(outcome: Outcome, row: Row[Any], now: datetime) -> dict[str, Any]:
    """Return what to write: a refusal of older values than the row owes now says nothing about the newer ones."""
    newer = outcome.is_rejection and row.owed_revision > outcome.item.revision
    columns = dict(RELEASED if newer else outcome.columns)
    if outcome.ends_creation:
        columns |= NO_CREATION
    return columns | (checked_columns(row.unconfirmed, now=now) if outcome.was_read else {})


def _lock_held(session: Session, claim: Claim, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Lock the rows whose lease is ours (SQLite's write lock is held already); return what each holds now."""
    table = claim.kind.table
    query = select(table.id, table.owed_revision, table.unconfirmed).where(
        table.business_id == claim.business_id, table.id.in_(ids), lease_is_held(table, claim.token)
    )
    return {row.id: row for row in session.execute(query.order_by(table.id).with_for_update())}


def _write(session: Session, claim: Claim, row_id: UUID, columns: Mapping[str, Any]) -> None:
    table = claim.kind.table
    session.execute(
        update(table)
        .where(table.business_id == claim.business_id, table.id == row_id, lease_is_held(table, claim.token))
        .values(columns)
        .execution_options(synchronize_session=False)
    )


def _mark_verify_due(session: Session, claim: Claim, ids: Sequence[UUID]) -> None:
    if ids:
        table = claim.kind.table
        session.execute(
            update(table)
            .where(table.business_id == claim.business_id, table.id.in_(ids))
            .values(verify_due=True)
            .execution_options(synchronize_session=False)
        )


def _record(session: Session, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Add to the history what an item came to, where its kind has one."""
    kind, item = claim.kind, outcome.item
    entry_kind = kind.activity_kinds.get(outcome.activity, outcome.activity) if outcome.activity else None
    if entry_kind is None or not kind.has_history:
        return
    activity.record_entry(
        session,
        claim.business_id,
        entry_kind,
        now=now,
        contact_id=item.contact_id,
        sale_id=item.sale_id,
        on_behalf_of=item.owed_by if item.owed else "",
        revision=None if item.sale_id else item.revision,
        changes=outcome.changes,
        sent=item.sent_values if outcome.is_answer else None,
        answer=outcome.raw,
        note=f"{item.name}. {outcome.note}".strip() if item.sale_id else outcome.note,
    )
