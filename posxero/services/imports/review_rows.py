"""The contacts of an import that need review, as its page shows them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Row, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.import_ import NEEDS_REVIEW, Import, ImportRow
from posxero.domain.comparison import CITY_FIELDS, Part, mark_shared, parts_of
from posxero.domain.enums import Decision
from posxero.domain.fields import PHONES
from posxero.services.imports.rows import rows_of

CONTACTS_PER_PAGE: Final = 50
COMPARED_FIELDS: Final = ("name", "email", *PHONES.values(), *CITY_FIELDS)  # fields of a contact
BY_NAME: Final = (ImportRow.name_key, ImportRow.xero_id)


class Customer(NamedTuple):
    """One of ours that a contact of Xero may be; its parts say what of it Xero's contact has too."""

    id: UUID
    name: str
    email: str
    phone: str
    is_customer: bool
    archived: bool
    parts: Sequence[Part]


class ReviewRow(NamedTuple):
    """One contact of Xero that needs review; `contact_id` is the customer of a decision to link."""

    xero_id: UUID
    name: str
    parts: Sequence[Part]
    reason: str
    decision: Decision | None
    contact_id: UUID | None
    candidates: Sequence[Customer]


class ReviewPage(NamedTuple):
    """One page of the review, and how many there are in all."""

    rows: Sequence[ReviewRow]
    number: int
    pages: int
    total: int
    undecided: int


def page(session: Session, run: Import, number: int, *, country: str = "") -> ReviewPage:
    """Read one page of the contacts that need review, by name; beyond the last page is the last.

    Args:
        country: The business's, which decides what phones are equal.
    """
    total, undecided = count(session, run)
    pages = max(1, -(-total // CONTACTS_PER_PAGE))
    number = min(max(number, 1), pages)
    shown = (ImportRow.xero_id, ImportRow.copy, ImportRow.reason, ImportRow.decision, ImportRow.contact_id)
    query = select(*shown, ImportRow.candidates).where(*needs_review(run)).order_by(*BY_NAME)
    rows = session.execute(query.limit(CONTACTS_PER_PAGE).offset((number - 1) * CONTACTS_PER_PAGE)).all()
    customers = _customers(session, run, {UUID(found) for row in rows for found in row.candidates}, country)
    return ReviewPage([_review_row(row, customers, country) for row in rows], number, pages, total, undecided)


def count(session: Session, run: Import) -> tuple[int, int]:
    """Count the contacts that need review, and those of them without a decision."""
    total, decided = session.execute(
        select(func.count(), func.count(ImportRow.decision)).select_from(ImportRow).where(*needs_review(run))
    ).one()
    return total, total - decided


def first_undecided(session: Session, run: Import) -> tuple[UUID, int]:
    """Find the first contact without a decision: its Xero id, and the page that shows it."""
    ids = session.execute(select(ImportRow.xero_id, ImportRow.decision).where(*needs_review(run)).order_by(*BY_NAME))
    place, xero_id = next((place, row.xero_id) for place, row in enumerate(ids) if row.decision is None)
    return xero_id, place // CONTACTS_PER_PAGE + 1


def needs_review(run: Import) -> tuple[ColumnElement[bool], ...]:
    """Write the condition: rows that need review and are not settled, by their own index."""
    return (*rows_of(run), literal_column(f"import_row.{NEEDS_REVIEW}", Boolean), ImportRow.outcome.is_(None))


def _customers(session: Session, run: Import, ids: set[UUID], country: str) -> dict[UUID, Customer]:
    columns = [getattr(Contact, key) for key in COMPARED_FIELDS]
    rows = session.execute(
        select(Contact.id, Contact.is_customer, Contact.archived_at, *columns).where(
            Contact.business_id == run.business_id, Contact.id.in_(ids), Contact.merged_into.is_(None)
        )
    )
    return {
        row.id: Customer(
            row.id,
            row.name,
            row.email,
            row.phone or row.mobile,
            row.is_customer,
            archived=row.archived_at is not None,
            parts=parts_of({key: getattr(row, key) for key in COMPARED_FIELDS}, country),
        )
        for row in rows
    }


def _review_row(row: Row[Any], customers: Mapping[UUID, Customer], country: str) -> ReviewRow:
    values = row.copy["values"]
    parts = parts_of(values, country)
    found = [customers[UUID(candidate)] for candidate in row.candidates if UUID(candidate) in customers]
    return ReviewRow(
        xero_id=row.xero_id,
        name=values.get("name", ""),
        parts=mark_shared(parts, [part for customer in found for part in customer.parts]),
        reason=row.reason,
        decision=row.decision,
        contact_id=row.contact_id,
        candidates=[customer._replace(parts=mark_shared(customer.parts, parts)) for customer in found],
    )
