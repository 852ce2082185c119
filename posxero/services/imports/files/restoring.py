"""Take back what the import of a file changed of customers who were here; Xero is owed the old values."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.import_ import Import
from posxero.domain.columns import values_of
from posxero.domain.diff import changes
from posxero.services.imports.files import known
from posxero.services.imports.files.updating import CODE_TAKEN, write_changes

NOTE: Final = "The import of {file} was undone"


def restore(session: Session, run: Import, rows: Select[Any], now: datetime) -> tuple[list[UUID], dict[UUID, str]]:
    """Write the values that an import replaced; the caller commits.

    Args:
        rows: Selects the key, the contact and the `copy` of each row, which it locks.

    Returns:
        The keys of the rows, and why others stay: another customer has their code since.
    """
    business = session.get_one(Business, run.business_id)
    found = session.execute(rows.execution_options(populate_existing=True)).all()
    note = NOTE.format(file=run.organisation)
    kept: dict[UUID, str] = {}
    last_first = sorted(found, key=_number, reverse=True)  # a later row may have got an earlier one's code
    for key, contact, copy in last_first:
        values = values_of(contact)
        changed = changes(values, values | copy["before"])
        code = changed.get("customer_code", ("", ""))[1]
        if code and known.owners_of_codes(session, run.business_id, [code]):
            kept[key] = CODE_TAKEN.format(code=code)
        elif changed:
            write_changes(session, run, business, contact, changed, by=run.undone_by, note=note, now=now)
    return [key for key, _, _ in found if key not in kept], kept


def _number(row: Row[Any]) -> int:
    key: UUID = row[0]
    return key.int
