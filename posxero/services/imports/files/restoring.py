"""Take back what the import of a file changed of customers who were here; Xero is owed the old values."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.import_ import Import
from posxero.domain.columns import values_of
from posxero.domain.diff import changes
from posxero.services.imports.files.updating import write_changes

NOTE: Final = "The import of {file} was undone"


def restore(session: Session, run: Import, rows: Select[Any], now: datetime) -> list[UUID]:
    """Write the values that an import replaced; the caller commits.

    Args:
        rows: Selects the key, the contact and the `copy` of each row, which it locks.

    Returns:
        The keys of the rows.
    """
    business = session.get_one(Business, run.business_id)
    found = session.execute(rows.execution_options(populate_existing=True)).all()
    note = NOTE.format(file=run.organisation)
    for _, contact, copy in found:
        values = values_of(contact)
        changed = changes(values, values | copy["before"])
        if changed:
            write_changes(session, run, business, contact, changed, by=run.undone_by, note=note, now=now)
    return [key for key, _, _ in found]
