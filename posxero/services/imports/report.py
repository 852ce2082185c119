"""The report of an import: every contact of Xero, or every row of a file, is accounted for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, Select, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.import_ import NOT_IMPORTED, Import, ImportRow
from posxero.domain import csv_cells, csv_columns
from posxero.domain.enums import Outcome, Phase
from posxero.domain.proposals import Proposal
from posxero.services.imports import exclusions
from posxero.services.imports.rows import Conditions, proposed_as, rows_of

Result = Outcome | Proposal

CONTACTS_PER_PAGE: Final = 50
PREVIEW_HEADINGS: Final = ("Name", "Email", "Xero contact", "What would happen", "Yours", "Why")
CSV_HEADINGS: Final = ("Name", "Email", "Xero contact", "Outcome", "Why")
ROW_PREVIEW_HEADINGS: Final = ("Name", "Email", "Row", "What would happen", "Your customer", "Why")
ROW_HEADINGS: Final = ("Row", "Outcome", "Why")  # before the cells of the row


class ReportedContact(NamedTuple):
    """One contact of Xero: why it became what it did, and the contact here (None when there is none).

    `is_excluded`: later imports leave it out.
    """

    name: str
    reason: str
    contact_id: UUID | None
    is_customer: bool | None
    xero_id: UUID
    is_excluded: bool = False


@dataclass(frozen=True)
class Report:
    """How many contacts each outcome had, without those that none had; and one page of the contacts of one outcome.

    `outcome` None shows no contacts. `left_out` counts the reasons, where those that were left out are shown.
    """

    counts: Sequence[tuple[Result, int]]
    left_out: Sequence[tuple[str, int]]
    outcome: Result | None
    contacts: Sequence[ReportedContact]
    number: int
    pages: int

    @property
    def may_exclude(self) -> bool:
        """Return whether the contacts that are shown are those that did not become customers."""
        return self.outcome in exclusions.EXCLUDABLE


def report(session: Session, run: Import, outcome: Result | None = None, number: int = 1) -> Report:
    """Read the report of an import that is over.

    Args:
        outcome: Whose contacts are shown; by default those that could not be imported, if there are any.
        number: The page of them; beyond the last page is the last.
    """
    results: list[Result] = [*Proposal, *Outcome] if run.phase is Phase.PREVIEWED else [*Outcome]
    counts = [(each, getattr(run, each.value)) for each in results]
    outcome = outcome if outcome in results else None
    if outcome is None and run.refused:
        outcome = Outcome.REFUSED
    pages = max(1, -(-dict(counts)[outcome] // CONTACTS_PER_PAGE)) if outcome else 1
    number = min(max(number, 1), pages)
    return Report(
        counts=[(each, count) for each, count in counts if count],
        left_out=_reasons(session, run) if outcome is Outcome.LEFT_OUT else (),
        outcome=outcome,
        contacts=_contacts(session, run, outcome, number) if outcome and run.rows_deleted_at is None else (),
        number=number,
        pages=pages,
    )


def _reasons(session: Session, run: Import) -> Sequence[tuple[str, int]]:
    number = func.count()
    reasons = _not_imported(run, ImportRow.reason, number).where(ImportRow.outcome == Outcome.LEFT_OUT)
    found = session.execute(reasons.group_by(ImportRow.reason).order_by(number.desc(), ImportRow.reason))
    return [(reason, count) for reason, count in found]


def _contacts(session: Session, run: Import, outcome: Result, number: int) -> Sequence[ReportedContact]:
    here = (Contact.business_id == ImportRow.business_id) & (Contact.id == ImportRow.contact_id)
    order = [] if run.file_id else [ImportRow.name_key]  # the rows of a file have their numbers as ids
    query = (
        select(ImportRow.name, ImportRow.reason, Contact.id, Contact.is_customer, ImportRow.xero_id)
        .outerjoin(Contact, here)
        .where(*rows_of(run), *_came_to(outcome))
        .order_by(*order, ImportRow.xero_id)
    )
    page = query.limit(CONTACTS_PER_PAGE).offset((number - 1) * CONTACTS_PER_PAGE)
    found = [ReportedContact(*row) for row in session.execute(page)]
    excluded = exclusions.find_excluded(session, run, [contact.xero_id for contact in found])
    return [contact._replace(is_excluded=contact.xero_id in excluded) for contact in found]


def _came_to(result: Result) -> Conditions:
    return proposed_as(result) if isinstance(result, Proposal) else (ImportRow.outcome == result,)


def preview_csv(session: Session, run: Import) -> Iterator[str]:
    """Write what an import would do with every contact as a file, line by line."""
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(ROW_PREVIEW_HEADINGS if run.file_id else PREVIEW_HEADINGS)
    for result in (*Proposal, *Outcome):
        query = select(
            ImportRow.name, ImportRow.copy, ImportRow.xero_id, ImportRow.reason, Contact.name.label("customer")
        )
        here = (Contact.business_id == ImportRow.business_id) & (Contact.id == ImportRow.contact_id)
        rows = query.outerjoin(Contact, here).where(*rows_of(run), *_came_to(result)).order_by(ImportRow.xero_id)
        for row in session.execute(rows.execution_options(yield_per=500)):
            email = row.copy["values"].get("email", "")
            which = str(row.xero_id.int if run.file_id else row.xero_id)
            cells = (row.name, email, which, result.label, row.customer or "", row.reason)
            yield csv_cells.line(cells)


def not_imported_csv(session: Session, run: Import, outcome: Outcome | None = None) -> Iterator[str]:
    """Write the contacts that were refused, skipped or left out, or those with one outcome, as a file, line by line.

    Rows of a file are written whole, so that they can be corrected there and imported.
    """
    chosen = [ImportRow.outcome == outcome] if outcome else []
    yield csv_cells.BYTE_ORDER_MARK + csv_cells.line(
        (*ROW_HEADINGS, *csv_columns.HEADINGS) if run.file_id else CSV_HEADINGS
    )
    rows = session.execute(
        _not_imported(run, ImportRow.xero_id, ImportRow.name, ImportRow.copy, ImportRow.outcome, ImportRow.reason)
        .where(*chosen)
        .order_by(ImportRow.outcome, ImportRow.xero_id)
        .execution_options(yield_per=500)
    )
    for row in rows:
        values = row.copy["values"]
        if run.file_id:
            cells = [values.get(key, "") for key in csv_columns.KEYS]
            yield csv_cells.line((str(row.xero_id.int), row.outcome.label, row.reason, *cells))
        else:
            yield csv_cells.line((row.name, values.get("email", ""), str(row.xero_id), row.outcome.label, row.reason))


def _not_imported(run: Import, *columns: Any) -> Select[Any]:
    """Select from the rows that did not become customers, by their own index."""
    return select(*columns).where(*rows_of(run), literal_column(f"import_row.{NOT_IMPORTED}", Boolean))
