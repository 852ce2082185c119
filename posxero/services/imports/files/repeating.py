"""Import rows of an earlier import of a file again: those that could not be imported, or were skipped."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Phase
from posxero.services.contacts.labels import vocabulary
from posxero.services.imports.files.reading import ROWS_PER_COMMIT, row_columns, stage
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.rows import LOWEST_ID, rows_to_repeat


def read_again(lease: ImportLease) -> None:
    """Stage the rows as the earlier import read them, until all are stored or the slice is over.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    session = lease.session
    country = session.get_one(Business, lease.run.business_id).country
    while rows := _next_rows(session, lease.run):
        if lease.is_slice_over:
            return
        with lease.step() as columns:
            names = vocabulary.load_names(session, lease.run.business_id)
            staged = [
                row_columns(lease.run, country, key.int, copy["values"], names, problem=copy.get("problem", ""))
                for key, copy in rows
            ]
            total = session.scalar(select(func.count()).where(*rows_to_repeat(lease.run))) or 0
            columns.update(cursor=rows[-1][0], read=lease.run.read + stage(session, staged), total=total)
    with lease.step() as columns:
        columns.update(lease.phase_columns(Phase.MATCHING), cursor=None)


def _next_rows(session: Session, run: Import) -> Sequence[tuple[UUID, Mapping[str, Any]]]:
    after = ImportRow.xero_id > (run.cursor or LOWEST_ID)
    query = select(ImportRow.xero_id, ImportRow.copy).where(*rows_to_repeat(run), after).order_by(ImportRow.xero_id)
    return [(key, copy) for key, copy in session.execute(query.limit(ROWS_PER_COMMIT))]
