"""Rows of a file that say the same as a row before them: they are left out, so that nobody is added twice."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Outcome
from posxero.services.imports.rows import SET_RESULT, result_of, rows_of

SAME_ID: Final = "Row {row} has the same Retail POS ID"
SAME_NAME_AND_EMAIL: Final = "Row {row} has the same name and email"
SAME_ROW: Final = "Same as row {row}"
SAME_CUSTOMER: Final = "Row {row} is the same customer"
ROWS_PER_FETCH: Final = 1000

Key = tuple[Any, ...]


def leave_out_duplicates(session: Session, run: Import) -> None:
    """Settle the rows that repeat an earlier one; the caller commits."""
    first: dict[Key, int] = {}
    duplicates: list[dict[str, Any]] = []
    for row in _possible_duplicates(session, run):
        key, words = _key(row)
        number = first.setdefault(key, row.xero_id.int)
        if number != row.xero_id.int:
            duplicates.append(result_of(run, row.xero_id, Outcome.LEFT_OUT, words.format(row=number)))
    if duplicates:
        session.connection().execute(SET_RESULT, duplicates)


def leave_out_repeated(session: Session, run: Import) -> None:
    """Settle the rows that would change whom an earlier one changes, of which only one could be undone.

    The caller commits.
    """
    matches = (*rows_of(run), ImportRow.outcome.is_(None), ImportRow.decision == Decision.MATCH)
    shared = _shared(ImportRow.contact_id, where=matches).subquery()
    query = select(ImportRow.xero_id, ImportRow.contact_id).join(shared, shared.c.contact_id == ImportRow.contact_id)
    first: dict[UUID | None, int] = {}
    repeated: list[dict[str, Any]] = []
    for xero_id, contact_id in session.execute(query.where(*matches).order_by(ImportRow.xero_id)):
        number = first.setdefault(contact_id, xero_id.int)
        if number != xero_id.int:
            repeated.append(result_of(run, xero_id, Outcome.LEFT_OUT, SAME_CUSTOMER.format(row=number)))
    if repeated:
        session.connection().execute(SET_RESULT, repeated)


def _possible_duplicates(session: Session, run: Import) -> Iterator[Row[Any]]:
    """Read the rows that share their id, or their name and email, with another, in the order of the file."""
    open_rows = (*rows_of(run), ImportRow.outcome.is_(None))
    pair = (ImportRow.name_key, ImportRow.email_key)
    ids = _shared(ImportRow.ours, where=(*open_rows, ImportRow.ours.is_not(None))).subquery()
    pairs = _shared(*pair, where=(*open_rows, ImportRow.ours.is_(None), ImportRow.name_key != "")).subquery()
    same_id = ImportRow.ours == ids.c.ours
    same_pair = and_(*(ImportRow.ours.is_(None), *(one == pairs.c[one.key] for one in pair)))
    query = (
        select(ImportRow.xero_id, ImportRow.ours, *pair, ImportRow.copy)
        .outerjoin(ids, same_id)
        .outerjoin(pairs, same_pair)
        .where(*open_rows, or_(ids.c.ours.is_not(None), pairs.c.name_key.is_not(None)))
        .order_by(ImportRow.xero_id)
    )
    yield from session.execute(query.execution_options(yield_per=ROWS_PER_FETCH))


def _shared(*columns: Any, where: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return select(*columns).where(*where).group_by(*columns).having(func.count() > 1)


def _key(row: Row[Any]) -> tuple[Key, str]:
    """Return what may be there once, and what to say of a second one."""
    if isinstance(row.ours, UUID):
        return (row.ours,), SAME_ID
    if row.email_key:
        return (row.name_key, row.email_key), SAME_NAME_AND_EMAIL
    return (row.name_key, hash(msgspec.json.encode(row.copy["values"], order="sorted"))), SAME_ROW
