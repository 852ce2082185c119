"""Undo an import: remove what it added and unlink what it linked, where nobody has used either since.

Undoing that of a file also restores the details that it replaced. Xero is not called. A worker does it in steps, under
the import's lease, so the import counts as running meanwhile. What is kept stays as it is, and its row says why.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.engine import writing
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.queue import JobQueue
from posxero.services.imports.errors import AlreadyRunning
from posxero.services.imports.files.restoring import restore
from posxero.services.imports.files.undo_rules import reason_to_keep, with_customers
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.queries import current, get
from posxero.services.imports.ranges import for_each_range
from posxero.services.imports.rows import SET_REASON, RowRange, in_range, rows_of
from posxero.services.imports.undo_kinds import switch_back
from posxero.services.imports.undo_preview import left_here, may_undo
from posxero.services.imports.undo_rules import SAVED_JUST_NOW, made_rows
from posxero.services.push import linking

ROWS_PER_COMMIT: Final = 500


def undo(session: Session, jobs: JobQueue, business_id: UUID, import_id: UUID, *, by: str, now: datetime) -> Import:
    """Let a worker undo an import, and commit. One that is being undone, or cannot be, stays as it is.

    Raises:
        NotFound: The business has no such import.
        AlreadyRunning: Another import of the business is running.
    """
    try:
        with writing(session):
            run = get(session, business_id, import_id)
            begins = may_undo(run)
            if begins:
                _begin(session, run, by=by, now=now)
    except IntegrityError:
        running = current(session, business_id)
        raise AlreadyRunning(running.id if running else import_id) from None
    if begins:
        jobs.run_import(business_id, import_id)
    return get(session, business_id, import_id)


def undo_all(lease: ImportLease) -> None:
    """Undo range by range until all is done or the slice is over.

    Raises:
        LeaseLost: As `ImportLease.step`.
    """

    def undo_range(row_range: RowRange) -> dict[str, int]:
        return {"settled": lease.run.settled + _undo_range(lease.session, lease.run, row_range, now=lease.now)}

    if for_each_range(lease, ROWS_PER_COMMIT, undo_range):
        lease.finish(Phase.UNDONE, by=lease.run.undone_by)


def _begin(session: Session, run: Import, *, by: str, now: datetime) -> None:
    session.execute(
        update(Import)
        .where(Import.business_id == run.business_id, Import.id == run.id)
        .values(
            phase=Phase.UNDOING,
            phase_at=now,
            finished_at=None,
            cancel_asked_at=None,
            cursor=None,
            undone_by=by,
            to_add=left_here(run),
            settled=0,
            tries=0,
            percent_reached=0,
            error="",
        )
        .execution_options(synchronize_session=False)
    )


def _undo_range(session: Session, run: Import, row_range: RowRange, *, now: datetime) -> int:
    """Undo one range of rows; the caller commits.

    Returns:
        How many rows had added, linked or changed something, undone or kept.
    """
    removed = _remove(session, run, row_range)
    refused: dict[UUID, str] = {}
    if run.file_id:
        taken_back, refused = _restore(session, run, row_range, now)
    else:
        taken_back = _unlink(session, run, row_range, now=now)
    undone = [*removed, *taken_back]
    switched = switch_back(session, run, row_range, taken_back)
    if undone:
        session.execute(
            update(ImportRow)
            .where(*rows_of(run), ImportRow.xero_id.in_(undone))
            .values(outcome=Outcome.UNDONE, contact_id=None, reason="")
            .execution_options(synchronize_session=False)
        )
    kept = session.execute(
        with_customers(run, ImportRow.xero_id, reason_to_keep(run)).where(*made_rows(run), *in_range(row_range))
    ).all()
    if kept:
        key = {"of_business": run.business_id, "of_import": run.id}
        reasons = [
            key | {"of_xero": xero_id, "reason": why or refused.get(xero_id) or SAVED_JUST_NOW} for xero_id, why in kept
        ]
        session.connection().execute(SET_REASON, reasons)
    return len(undone) + len(kept) + switched


def _remove(session: Session, run: Import, row_range: RowRange) -> list[UUID]:
    """Delete customers that the import added; with each go its link and what people typed and never saved."""
    found = session.execute(_undoable(run, row_range, Outcome.ADDED, ImportRow.xero_id, Contact.id)).all()
    ids = [contact_id for _, contact_id in found]
    if ids:
        session.execute(
            delete(Contact)
            .where(Contact.business_id == run.business_id, Contact.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    return [xero_id for xero_id, _ in found]


def _unlink(session: Session, run: Import, row_range: RowRange, *, now: datetime) -> list[UUID]:
    """Undo links to customers that were here before the import."""
    business = session.get_one(Business, run.business_id)
    query = _undoable(run, row_range, Outcome.LINKED, ImportRow.xero_id, Contact, Link)
    found = session.execute(query.execution_options(populate_existing=True)).all()
    for _, contact, link in found:
        linking.undo_loaded_link(session, business, contact, link, by=run.undone_by, now=now)
    session.flush()
    return [xero_id for xero_id, _, _ in found]


def _restore(session: Session, run: Import, row_range: RowRange, now: datetime) -> tuple[list[UUID], dict[UUID, str]]:
    """Restore the details that the import of a file replaced."""
    columns = (ImportRow.xero_id, Contact, ImportRow.copy)
    return restore(session, run, _undoable(run, row_range, Outcome.UPDATED, *columns), now)


def _undoable(run: Import, row_range: RowRange, outcome: Outcome, *columns: Any) -> Select[Any]:
    """Select what can be undone of a range, and lock it; what somebody is saving at the moment is left out."""
    return (
        with_customers(run, *columns, is_outer=False)
        .where(*rows_of(run), *in_range(row_range), ImportRow.outcome == outcome, reason_to_keep(run).is_(None))
        .order_by(ImportRow.xero_id)
        .with_for_update(of=(Contact,) if run.file_id else (Contact, Link), skip_locked=True)
    )
