"""Take back that an import made a customer a supplier, too, or a supplier a customer."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true, update
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome
from posxero.domain.kinds import ContactKind
from posxero.services.imports.rows import SET_RESULT, RowRange, in_range, result_of, rows_of
from posxero.services.imports.undo_rules import EDITED, SOLD, sales_of_contact

FLAGS: Final = {ContactKind.CUSTOMER: Contact.is_customer, ContactKind.SUPPLIER: Contact.is_supplier}
KIND_ADDED: Final = ImportRow.kind_added != ""


def count_switched(session: Session, run: Import) -> tuple[Mapping[ContactKind, int], int]:
    """Count the contacts that were linked before and would be switched back, by what the import made them.

    Returns:
        These, and how many stay customers because they were sold to since.
    """
    here = and_(Contact.business_id == ImportRow.business_id, Contact.id == ImportRow.contact_id)
    rows = select(ImportRow).join(Contact, here).where(*rows_of(run), KIND_ADDED, _was_linked())
    counts = [func.count().filter(ImportRow.kind_added == kind.value, *_goes(kind)) for kind in ContactKind]
    sold_to = func.count().filter(ImportRow.kind_added == ContactKind.CUSTOMER.value, exists(sales_of_contact()))
    *found, stay = session.execute(rows.with_only_columns(*counts, sold_to)).one()
    return {kind: count for kind, count in zip(ContactKind, found, strict=True) if count}, stay


def switch_back(session: Session, run: Import, row_range: RowRange, unlinked: Sequence[UUID]) -> int:
    """Take *customer* or *supplier* from contacts that stay, where the import made them one; the caller commits.

    A contact that was sold to stays a customer.

    Args:
        unlinked: Xero's ids of the rows of this range whose links were undone.

    Returns:
        How many rows of contacts that were linked before had changed them, undone or kept.
    """
    stays = or_(_was_linked(), ImportRow.xero_id.in_(unlinked))
    query = select(ImportRow.xero_id, ImportRow.contact_id, ImportRow.kind_added, _was_linked())
    found = session.execute(query.where(*rows_of(run), *in_range(row_range), KIND_ADDED, stays)).all()
    back: set[UUID] = set()
    for kind, flag in FLAGS.items():
        ids = [contact_id for _, contact_id, kind_added, _ in found if kind_added == kind.value]
        if ids:
            status = (Contact.business_id == run.business_id, Contact.id.in_(ids), *_goes(kind))
            switched = update(Contact).where(*status).values({flag: false()}).returning(Contact.id)
            back.update(session.scalars(switched.execution_options(synchronize_session=False)))
    rows = [row[:3] for row in found if row[3]]
    results = [
        result_of(run, xero_id, Outcome.UNDONE, "", contact_id)
        if contact_id in back
        else result_of(run, xero_id, Outcome.ALREADY_LINKED, _reason_to_stay(kind_added), contact_id)
        for xero_id, contact_id, kind_added in rows
    ]
    if results:
        session.connection().execute(SET_RESULT, results)
    return len(results)


def _was_linked() -> ColumnElement[bool]:
    return ImportRow.outcome == Outcome.ALREADY_LINKED


def _goes(kind: ContactKind) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a contact need not stay one of a kind: it is the other, and was not sold to."""
    if kind is ContactKind.CUSTOMER:
        return (Contact.is_supplier.is_(true()), ~exists(sales_of_contact()))
    return (Contact.is_customer.is_(true()),)


def _reason_to_stay(kind_added: str) -> str:
    return SOLD if kind_added == ContactKind.CUSTOMER.value else EDITED
