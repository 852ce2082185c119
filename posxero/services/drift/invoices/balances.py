"""Keep what Xero says that contacts owe: a balance moves no stamp, so it is read whenever an invoice changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.db.engine import writing
from posxero.db.xero_change import XeroChange
from posxero.domain.drift_kinds import ChangeCategory
from posxero.services.drift import inbox
from posxero.services.drift.checks import ClaimedCheck
from posxero.services.drift.copies import Reading, refresh
from posxero.services.drift.lookup import look_up
from posxero.xero.client import MAX_IDS
from posxero.xero.contact_reading import balance_of

TABLE: Final[Table] = Link.__table__  # type: ignore[assignment]  # SQLAlchemy types it as any FROM clause
WRITTEN: Final = ("outstanding", "overdue", "balance_at")
WRITE: Final = (
    TABLE.update()
    .where(TABLE.c.business_id == bindparam("of_business"), TABLE.c.id == bindparam("of_link"))
    .values({name: bindparam(name) for name in WRITTEN})
)


def find_changed(session: Session, reading: Reading, *, is_fresh: bool = False) -> list[dict[str, Any]]:
    """Return what is to be written of links whose balance a reading shows changed; locks nothing.

    A reading older than the kept balance changes nothing.

    Args:
        is_fresh: The time of a balance that is as it was is written, too.
    """
    shown = {xero_id: balance_of(one) for xero_id, one in reading.found.items() if one is not None}
    if not shown:
        return []
    query = select(Link.id, Link.xero_id, Link.outstanding, Link.overdue, Link.balance_at).where(
        Link.business_id == reading.business_id, Link.tenant_id == reading.tenant_id, Link.xero_id.in_(list(shown))
    )
    found = []
    for row in session.execute(query.order_by(Link.id)):
        is_newer = row.balance_at is None or row.balance_at <= reading.read_at
        columns = shown[row.xero_id]
        is_same = (row.outstanding, row.overdue) == (columns["outstanding"], columns["overdue"])
        if is_newer and (is_fresh or not is_same):
            found.append(
                {"of_business": reading.business_id, "of_link": row.id, "balance_at": reading.read_at, **columns}
            )
    return found


def write(session: Session, changed: Sequence[Mapping[str, Any]]) -> None:
    """Write balances of links, in the order of their ids; the caller commits."""
    if changed:
        session.execute(WRITE, list(changed))


def mark_due(
    session: Session, business_id: UUID, tenant_id: UUID, xero_ids: Collection[UUID], *, now: datetime
) -> None:
    """Schedule the balances of contacts of Xero to be read by the next poll; the caller commits."""
    resources = [inbox.Resource(business_id, tenant_id, ChangeCategory.BALANCE, one) for one in set(xero_ids)]
    inbox.store(session, dict.fromkeys(resources), now=now)


def read_marked(check: ClaimedCheck) -> None:
    """Read the contacts whose invoices changed, up to 40 a call, until the slice is over; the rest stays marked.

    Raises:
        XeroError: Nothing is known of those of the last call, and they stay marked.
    """
    while not check.is_slice_over and (rows := _marked(check)):
        read_at = check.now()
        found = look_up(check, [row.xero_id for row in rows])
        reading = Reading(check.row.business_id, check.row.tenant_id, found, read_at)
        with writing(check.session):
            refresh(check.session, reading, now=read_at)
            write(check.session, find_changed(check.session, reading, is_fresh=True))
            inbox.remove(check.session, check.row.business_id, rows)


def _marked(check: ClaimedCheck) -> Sequence[Any]:
    """Return contacts whose balance is to be read, the oldest marks first. Ends the transaction."""
    query = (
        select(XeroChange.id, XeroChange.xero_id, XeroChange.version)
        .where(XeroChange.business_id == check.row.business_id, XeroChange.tenant_id == check.row.tenant_id)
        .where(XeroChange.category == ChangeCategory.BALANCE)
        .order_by(XeroChange.id)
        .limit(MAX_IDS)
    )
    rows = check.session.execute(query).all()
    check.session.commit()
    return rows
