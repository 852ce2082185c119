"""Cancel an import: it stops after the step at hand; what was added stays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from posxero.db.engine import writing
from posxero.db.import_ import Import
from posxero.db.lease import RELEASED_LEASE, lease_is_free
from posxero.domain.enums import Phase
from posxero.services.imports.lease import finish_columns
from posxero.services.imports.queries import get


def cancel(session: Session, business_id: UUID, import_id: UUID, *, by: str, now: datetime) -> Import:
    """Cancel at once when no worker has the import, else ask its worker to, and commit.

    An import that is over, or is being undone, stays as it is.

    Raises:
        NotFound: The business has no such import.
    """
    with writing(session):
        run = get(session, business_id, import_id)
        is_running = _set(session, run, {"cancel_asked_at": now}, Import.phase != Phase.UNDOING)
        if is_running and _set(session, run, RELEASED_LEASE, lease_is_free(Import, now)):
            _set(session, run, finish_columns(session, run, Phase.CANCELLED, now=now, by=by))
    return get(session, business_id, import_id)


def _set(session: Session, run: Import, values: dict[str, Any], *conditions: ColumnElement[bool]) -> bool:
    """Store values if the import is not over and the conditions hold; the row is then locked until the commit."""
    found = session.execute(
        update(Import)
        .where(Import.business_id == run.business_id, Import.id == run.id, Import.finished_at.is_(None), *conditions)
        .values(values)
        .returning(Import.id)
        .execution_options(synchronize_session=False)
    )
    return found.first() is not None
