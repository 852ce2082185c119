"""The report of an import: every contact of Xero is accounted for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Select, func, literal_column, select
from sqlalchemy.orm import Session

from posxero.db.import_ import NOT_TAKEN, Import, ImportRow
from posxero.domain import csv_cells
from posxero.domain.words import Outcome
from posxero.services.imports.rows import of

SHOWN: Final = 50  # refused contacts on the page; the file has all
HEADINGS: Final = ("Name", "Email", "Xero contact", "What became of it", "Why")


@dataclass(frozen=True)
class Refused:
    """One contact of Xero that could not be brought in."""

    xero_id: UUID
    name: str
    reason: str


@dataclass(frozen=True)
class Report:
    """Why contacts were left out, with how many; and the first of those refused."""

    left_out: Sequence[tuple[str, int]]
    refused: Sequence[Refused]


def report(session: Session, run: Import) -> Report:
    """Read the report of an import that is over."""
    number = func.count()
    reasons = _not_taken(run, ImportRow.reason, number).where(ImportRow.outcome == Outcome.LEFT_OUT)
    left_out = session.execute(reasons.group_by(ImportRow.reason).order_by(number.desc(), ImportRow.reason))
    refused = session.execute(
        _not_taken(run, ImportRow.xero_id, ImportRow.name, ImportRow.reason)
        .where(ImportRow.outcome == Outcome.REFUSED)
        .order_by(ImportRow.name_key, ImportRow.xero_id)
        .limit(SHOWN)
    )
    return Report([(reason, count) for reason, count in left_out], [Refused(*row) for row in refused])


def not_taken_csv(session: Session, run: Import) -> Iterator[str]:
    """Write the contacts that were refused, skipped or left out as a file, line by line."""
    yield csv_cells.line(HEADINGS)
    rows = session.execute(
        _not_taken(run, ImportRow.xero_id, ImportRow.name, ImportRow.copy, ImportRow.outcome, ImportRow.reason)
        .order_by(ImportRow.outcome, ImportRow.xero_id)
        .execution_options(yield_per=500)
    )
    for row in rows:
        email = row.copy["values"].get("email", "")
        yield csv_cells.line((row.name, email, str(row.xero_id), row.outcome.label, row.reason))


def _not_taken(run: Import, *columns: Any) -> Select[Any]:
    """Select from the rows that did not become customers, by their own index."""
    return select(*columns).where(*of(run), literal_column(f"import_row.{NOT_TAKEN}", Boolean))
