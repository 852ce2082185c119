"""Contacts of Xero that a person chose never to import: remembered for each organisation, until it is taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, false, func, insert, literal, select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.excluded_contact import ExcludedContact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Outcome
from posxero.domain.erasure import ERASED_NAME, STAGED_REASON
from posxero.services.errors import NotFound
from posxero.services.imports.rows import Conditions, RowRange, rows_of, unsettled_in

CONTACTS_PER_PAGE: Final = 50
KEYS: Final = ("search_text", "name_key", "near_key", "email_key", "phone_keys", "phone_key", "mobile_key")
BLANK: Final[dict[str, Any]] = {  # a staged row of somebody whose details were erased
    **dict.fromkeys(KEYS, ""),
    "name": ERASED_NAME,
    "copy": {},
    "outstanding": None,
    "overdue": None,
    "candidates": [],
    "ours": None,
    "contact_id": None,
    "decision": None,
    "reason": STAGED_REASON,
}
REASON: Final = "You chose never to import it"
EXCLUDABLE: Final = frozenset({Outcome.LEFT_OUT, Outcome.SKIPPED, Outcome.REFUSED})  # rows that may be excluded


class ExcludedPage(NamedTuple):
    """One page of the contacts that are never imported, by name."""

    contacts: Sequence[ExcludedContact]
    number: int
    pages: int


def list_excluded(session: Session, business_id: UUID, tenant_id: UUID, number: int) -> ExcludedPage:
    """Read one page of the contacts of an organisation that are never imported; beyond the last page is the last."""
    excluded = (ExcludedContact.business_id == business_id, ExcludedContact.tenant_id == tenant_id)
    total = session.scalar(select(func.count()).where(*excluded)) or 0
    pages = max(1, -(-total // CONTACTS_PER_PAGE))
    number = min(max(number, 1), pages)
    query = select(ExcludedContact).where(*excluded).order_by(func.lower(ExcludedContact.name), ExcludedContact.id)
    page = query.limit(CONTACTS_PER_PAGE).offset((number - 1) * CONTACTS_PER_PAGE)
    return ExcludedPage(session.scalars(page).all(), number, pages)


def exclude(session: Session, run: Import, xero_id: UUID, *, by: str, now: datetime) -> str:
    """Leave a contact that an import did not bring in out of later imports too, and commit; return its name.

    Raises:
        NotFound: The import did not read it, or it is a customer here.
    """
    with writing(session):
        row = session.get(ImportRow, (run.business_id, run.id, xero_id), populate_existing=True)
        if row is None or row.outcome not in EXCLUDABLE:
            raise NotFound(xero_id)
        name = row.name
        _store(session, run, [(xero_id, name)], by=by, now=now)
    return name


def include(session: Session, business_id: UUID, excluded_id: UUID) -> str:
    """Let later imports propose a contact again, and commit; return its name.

    Raises:
        NotFound: The business has not excluded it, or has taken that back.
    """
    with writing(session):
        found = session.get(ExcludedContact, (business_id, excluded_id), populate_existing=True)
        if found is None:
            raise NotFound(excluded_id)
        name = found.name
        session.delete(found)
    return name


def find_excluded(session: Session, run: Import, xero_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return which of some contacts of Xero are never imported."""
    found = select(ExcludedContact.xero_id).where(*_of(run), ExcludedContact.xero_id.in_(xero_ids))
    return frozenset(session.scalars(found))


def leave_out_excluded(session: Session, run: Import) -> None:
    """Settle the rows of contacts that are never imported; the caller commits."""
    excluded = select(ExcludedContact.xero_id).where(*_of(run))
    erased = (ImportRow.outcome.is_(None), ImportRow.xero_id.in_(excluded.where(ExcludedContact.is_erased)))
    blank_rows(session, *rows_of(run), *erased)  # what a worker staged while they were erased
    values = {"outcome": Outcome.LEFT_OUT, "reason": REASON, "decision": None, "contact_id": None}
    session.execute(
        update(ImportRow)
        .where(*rows_of(run), ImportRow.outcome.is_(None), ImportRow.xero_id.in_(excluded))
        .values(**values, needs_review=false())
        .execution_options(synchronize_session=False)
    )


def blank_rows(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Remove the details of staged rows, and leave those that are not settled out; the caller commits."""
    outcome = func.coalesce(ImportRow.outcome, literal(Outcome.LEFT_OUT, ImportRow.outcome.type))
    values = {**BLANK, "outcome": outcome, "needs_review": false()}
    session.execute(update(ImportRow).where(*conditions).values(values).execution_options(synchronize_session=False))


def blank_erased(session: Session, run: Import, rows: Mapping[UUID, dict[str, Any]]) -> None:
    """Remove the details from rows that are to be staged, by Xero id, of contacts whose details were erased here."""
    erased = select(ExcludedContact.xero_id).where(*_of(run), ExcludedContact.is_erased)
    found = session.scalars(erased.where(ExcludedContact.xero_id.in_(list(rows)))).all() if rows else ()
    for xero_id in found:
        rows[xero_id].update(BLANK, outcome=Outcome.LEFT_OUT, needs_review=False)


def exclude_decided(session: Session, run: Import, row_range: RowRange, *, now: datetime) -> None:
    """Exclude the contacts of a range of rows that the review decided so about; the caller commits."""
    decided = (*unsettled_in(run, row_range), ImportRow.decision == Decision.NEVER)
    rows = session.execute(select(ImportRow.xero_id, ImportRow.name).where(*decided)).all()
    _store(session, run, [(xero_id, name) for xero_id, name in rows], by=run.reviewed_by or run.started_by, now=now)


def _of(run: Import) -> Conditions:
    return (ExcludedContact.business_id == run.business_id, ExcludedContact.tenant_id == run.tenant_id)


def _store(session: Session, run: Import, contacts: Sequence[tuple[UUID, str]], *, by: str, now: datetime) -> None:
    """Add the contacts, by Xero id and name, in the place of what was there."""
    again = ExcludedContact.xero_id.in_([xero_id for xero_id, _ in contacts])
    rows: list[dict[str, Any]] = [
        {
            "business_id": run.business_id,
            "id": new_id(),
            "tenant_id": run.tenant_id,
            "xero_id": xero_id,
            "name": name,
            "excluded_by": by,
            "excluded_at": now,
        }
        for xero_id, name in contacts
    ]
    if rows:
        session.execute(delete(ExcludedContact).where(*_of(run), again).execution_options(synchronize_session=False))
        session.execute(insert(ExcludedContact), rows)
