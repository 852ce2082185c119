"""Write down what came of a push: compare-and-set on the lease, for the revision that was sent.

Each function commits. A link whose lease was lost in the meantime is not closed: what
was sent may have overtaken a newer push, so it is due for verify.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.services.push.claims import Claim
from posxero.services.push.creation import NO_CREATION, Creation
from posxero.services.push.debt import Debt
from posxero.services.push.in_flight import checked_columns, unknown_columns
from posxero.services.push.settlements import RELEASED, Settlement
from posxero.settings import Timings


def settle(session: Session, claim: Claim, settlements: Sequence[Settlement], *, now: datetime) -> None:
    """Write settlements down, each only while its lease is still ours."""
    if not settlements:
        return
    ids = [one.debt.link_id for one in settlements]
    with writing(session):
        held = _held(session, claim, ids)
        for one in settlements:
            link = held.get(one.debt.link_id)
            if link is None:
                continue
            _write(session, claim, one.debt.link_id, _columns(one, link, now))
            if one.kind is not None:
                session.add(_activity(claim.business_id, one, now))
        _mark_verify_due(session, claim.business_id, [one for one in ids if one not in held])


def mark_unknown(
    session: Session,
    claim: Claim,
    debts: Sequence[Debt],
    timings: Timings,
    *,
    now: datetime,
    creation: Creation | None = None,
) -> None:
    """The call was sent and no answer came: verify before anything else is sent, and check again later.

    Args:
        timings: When those checks are.
        creation: The attempt to create the one debt; None for updates.
    """
    with writing(session):
        held = _held(session, claim, [debt.link_id for debt in debts])
        for debt in debts:
            if (link := held.get(debt.link_id)) is not None:
                values = creation.values if creation else debt.values
                columns = unknown_columns(link.doubted, values, timings, now=now, creation=creation is not None)
                _write(session, claim, debt.link_id, columns)
        _mark_verify_due(session, claim.business_id, [debt.link_id for debt in debts if debt.link_id not in held])


def mark_verify_due(session: Session, claim: Claim, debts: Sequence[Debt]) -> None:
    """Verify before anything else is sent. Nothing is in flight: Xero answered."""
    with writing(session):
        _mark_verify_due(session, claim.business_id, [debt.link_id for debt in debts])


def release(session: Session, claim: Claim, *, snooze: tuple[datetime, datetime] | None = None) -> None:
    """Let go of everything that is still under the lease; nothing was said about it, so no try is used up.

    Args:
        snooze: From when until when it is left alone.
    """
    columns = RELEASED if snooze is None else RELEASED | {"snoozed_at": snooze[0], "next_try_at": snooze[1]}
    with writing(session):
        session.execute(
            update(Link)
            .where(Link.business_id == claim.business_id, Link.lease_token == claim.token)
            .values(columns)
            .execution_options(synchronize_session=False)
        )


def _columns(one: Settlement, link: Row[Any], now: datetime) -> dict[str, Any]:
    """Return what to write: a refusal of older values than the link owes now says nothing about the newer ones."""
    newer = one.is_rejection and link.owed_revision > one.debt.revision
    columns = dict(RELEASED if newer else one.columns)
    if one.ends_creation:
        columns |= NO_CREATION
    return columns | (checked_columns(link.doubted, now=now) if one.read else {})


def _held(session: Session, claim: Claim, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """Lock the links whose lease is ours (SQLite's write lock is held already); return what each holds now."""
    query = select(Link.id, Link.owed_revision, Link.doubted).where(
        Link.business_id == claim.business_id, Link.id.in_(ids), Link.lease_token == claim.token
    )
    return {row.id: row for row in session.execute(query.order_by(Link.id).with_for_update())}


def _write(session: Session, claim: Claim, link_id: UUID, columns: Mapping[str, Any]) -> None:
    session.execute(
        update(Link)
        .where(Link.business_id == claim.business_id, Link.id == link_id, Link.lease_token == claim.token)
        .values(columns)
        .execution_options(synchronize_session=False)
    )


def _mark_verify_due(session: Session, business_id: UUID, ids: Sequence[UUID]) -> None:
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
