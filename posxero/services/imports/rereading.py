"""Read contacts of an earlier import again, by their ids: those that it could not bring in, or skipped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.services.drift.copies import Reading
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.rows import LOWEST_ID, rows_to_repeat
from posxero.services.imports.staging import refresh_linked, stage
from posxero.services.imports.storing import COLUMN_NAMES, store
from posxero.xero.client import MAX_IDS
from posxero.xero.errors import Missing
from posxero.xero.shapes import Contact as XeroContact

MISSING_IN_XERO: Final = "Xero no longer has it."
REPEATABLE: Final = frozenset({Outcome.REFUSED, Outcome.SKIPPED})


class SourceById(Protocol):
    """Where the contacts come from."""

    def contacts_by_ids(self, ids: Sequence[UUID]) -> list[XeroContact]:
        """Read up to 40 contacts, archived ones too; it may leave some out.

        Raises:
            XeroError: They cannot be read now, or at all.
        """

    def contact_by_id(self, contact_id: UUID) -> XeroContact | None:
        """Read one contact.

        Raises:
            Missing: Xero does not have it.
        """


def may_repeat(run: Import, outcome: Outcome | None) -> bool:
    """Return whether the rows of an import with an outcome may be imported again, those alone."""
    return run.phase.is_over and not run.is_preview and outcome in REPEATABLE and run.rows_deleted_at is None


def read_again(lease: ImportLease, source: SourceById) -> None:
    """Read the contacts until all are read or the slice is over.

    Raises:
        XeroError: Of the call that failed; what was read before it is stored.
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    country = lease.session.get_one(Business, lease.run.business_id).country
    while lease.run.phase is Phase.READING and not lease.is_slice_over:
        began, ids = lease.clock(), _next_ids(lease.session, lease.run)
        lease.session.commit()  # no transaction is open while Xero is asked
        if ids:
            _store(lease, ids, _read(source, ids), country, began)
        else:
            with lease.step() as columns:
                columns.update(lease.phase_columns(Phase.MATCHING), cursor=None)


def _next_ids(session: Session, run: Import) -> Sequence[UUID]:
    after = ImportRow.xero_id > (run.cursor or LOWEST_ID)
    query = select(ImportRow.xero_id).where(*rows_to_repeat(run), after).order_by(ImportRow.xero_id)
    return session.scalars(query.limit(MAX_IDS)).all()


def _read(source: SourceById, ids: Sequence[UUID]) -> list[XeroContact]:
    """Read some contacts; one that the list leaves out is asked for alone before it counts as missing."""
    found = {contact.contact_id: contact for contact in source.contacts_by_ids(ids)}
    for contact_id in ids:
        if contact_id not in found and (contact := _read_one(source, contact_id)) is not None:
            found[contact_id] = contact
    return [found[contact_id] for contact_id in ids if contact_id in found]


def _read_one(source: SourceById, contact_id: UUID) -> XeroContact | None:
    try:
        return source.contact_by_id(contact_id)
    except Missing:
        return None


def _store(lease: ImportLease, ids: Sequence[UUID], contacts: list[XeroContact], country: str, began: datetime) -> None:
    run = lease.run
    with lease.step() as columns:
        found = {contact.contact_id: contact for contact in contacts}
        read_now = run.read + stage(lease.session, run, country, contacts)
        read_now += _stage_missing(lease.session, run, [contact_id for contact_id in ids if contact_id not in found])
        refresh_linked(lease.session, Reading(run.business_id, run.tenant_id, found, began), now=lease.now)
        total = lease.session.scalar(select(func.count()).where(*rows_to_repeat(run))) or 0
        columns.update(
            cursor=ids[-1], read=read_now, total=total, tries=0, walk_started_at=run.walk_started_at or began
        )


def _stage_missing(session: Session, run: Import, ids: Sequence[UUID]) -> int:
    """Store rows, as the earlier import read them, of contacts that Xero no longer has; return how many are new."""
    table = ImportRow.__table__
    earlier = (table.c.business_id == run.business_id, table.c.import_id == run.retry_of, table.c.xero_id.in_(ids))
    changed: dict[str, Any] = {"import_id": run.id, "outcome": Outcome.REFUSED, "reason": MISSING_IN_XERO}
    changed |= {"decision": None, "needs_review": False, "candidates": [], "contact_id": None}
    columns = [table.c[name] for name in COLUMN_NAMES]
    rows = session.execute(select(*columns).where(*earlier)).mappings().all() if ids else []
    return store(session, [dict(row) | changed for row in rows]) if rows else 0
