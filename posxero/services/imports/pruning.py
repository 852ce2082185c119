"""Delete the staged rows of imports that ended long ago, and what Xero answered then, in small steps."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from posxero.db.activity import HAS_EXCHANGE, Activity, ActivityPayload
from posxero.db.engine import rows_changed, writing
from posxero.db.import_ import Import, ImportRow
from posxero.services import activity

ROWS_PER_STEP: Final = 1000  # a commit; a sweep does one step of each kind


def delete_old_rows(session: Session, *, before: datetime, now: datetime) -> None:
    """Delete some rows of the import that ended first, before a time; its counts stay. Ends the transaction.

    From the first step on the import cannot be undone or repeated. Writes only when there is something to delete.
    """
    old = (Import.has_rows, Import.finished_at < before)
    found = session.execute(select(Import.business_id, Import.id).where(*old).order_by(Import.finished_at).limit(1))
    key = found.first()
    session.commit()
    if key is None:
        return
    this = (Import.business_id == key.business_id, Import.id == key.id, *old)
    rows = (ImportRow.business_id == key.business_id, ImportRow.import_id == key.id)
    with writing(session):
        began = update(Import).where(*this).values(rows_deleted_at=now)
        is_old = rows_changed(session.execute(began.execution_options(synchronize_session=False)))
        if is_old:  # nobody began to undo it in between
            some = select(ImportRow.xero_id).where(*rows).order_by(ImportRow.xero_id).limit(ROWS_PER_STEP)
            statement = delete(ImportRow).where(*rows, ImportRow.xero_id.in_(some))
            deleted = rows_changed(session.execute(statement.execution_options(synchronize_session=False)))
            if deleted < ROWS_PER_STEP:
                ended = update(Import).where(*this).values(has_rows=False)
                session.execute(ended.execution_options(synchronize_session=False))


def empty_old_answers(session: Session, *, before: datetime) -> None:
    """Empty what Xero was sent and answered before a time, in some entries of the history. Ends the transaction.

    The entries stay. Writes only when there is something to empty.
    """
    with_answer = select(Activity.at).join(ActivityPayload, Activity.payload).where(HAS_EXCHANGE)
    oldest = session.scalar(with_answer.order_by(ActivityPayload.id).limit(1))
    session.commit()
    if oldest is not None and oldest < before:
        with writing(session):
            activity.empty_payloads(session, before=before, limit=ROWS_PER_STEP)
