"""Settle the rows of a file: add, update, skip. Each range of rows is one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.columns import columns_of, provenance_of
from posxero.domain.enums import ActivityKind, Decision, Outcome, Phase
from posxero.domain.field_rules import RuleContext
from posxero.domain.kinds import ContactKind
from posxero.services import activity
from posxero.services.contacts.rules import context_of
from posxero.services.contacts.search.keys import search_columns
from posxero.services.imports.adding import settle_decided
from posxero.services.imports.files import known
from posxero.services.imports.files.comparing import new_values, problem_of
from posxero.services.imports.files.updating import CODE_TAKEN, NOTE, update_rows
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.ranges import counted, for_each_range
from posxero.services.imports.rows import SET_RESULT, RowRange, result_of, unsettled_in
from posxero.services.imports.statistics import analyze_new_tables

ROWS_PER_COMMIT: Final = 500


class NewContact(NamedTuple):
    """A row to add: its key, the id of the customer, its values."""

    key: UUID
    contact_id: UUID
    values: dict[str, str]


def add_all(lease: ImportLease) -> None:
    """Settle the rows range by range until all are settled or the slice is over.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    business = lease.session.get_one(Business, lease.run.business_id)
    context = context_of(business, ContactKind.CUSTOMER, lease.now)

    def add(row_range: RowRange) -> dict[str, int]:
        counts = settle(lease.session, lease.run, row_range, business, context, now=lease.now)
        analyze_new_tables(lease.session, "contact")
        return counted(lease.run, counts)

    if for_each_range(lease, ROWS_PER_COMMIT, add):
        lease.finish(Phase.FINISHED)


def settle(
    session: Session, run: Import, row_range: RowRange, business: Business, context: RuleContext, *, now: datetime
) -> dict[str, int]:
    """Carry out the decisions about one range of rows; the caller commits.

    Returns:
        How many rows came to each outcome, by the column that counts them.
    """
    added, refused = _add(session, run, row_range, business, context, now)
    updates = update_rows(session, run, row_range, business, context, now=now)
    skipped = settle_decided(session, run, row_range, Decision.SKIP, Outcome.SKIPPED, contact_id=None)
    return {
        Outcome.ADDED.value: added,
        Outcome.UPDATED.value: updates.updated,
        Outcome.UNCHANGED.value: updates.unchanged,
        Outcome.REFUSED.value: refused + updates.refused,
        Outcome.SKIPPED.value: skipped,
    }


def _add(
    session: Session, run: Import, row_range: RowRange, business: Business, context: RuleContext, now: datetime
) -> tuple[int, int]:
    """Add the customers of a range; return how many, and how many rows could not be."""
    rows = _to_add(session, run, row_range)
    problems = _problems(session, run, rows, context)
    if problems:
        results = [result_of(run, key, Outcome.REFUSED, text) for key, text in problems.items()]
        session.connection().execute(SET_RESULT, results)
    good = [row for row in rows if row.key not in problems]
    if good:
        session.execute(insert(Contact), [_contact(run, row, business.country, now) for row in good])
        activity.record_many(session, [_entry(run, row, now) for row in good])
        settle_decided(session, run, row_range, Decision.ADD, Outcome.ADDED, reason="")
    return len(good), len(problems)


def _to_add(session: Session, run: Import, row_range: RowRange) -> list[NewContact]:
    chosen = (*unsettled_in(run, row_range), ImportRow.decision == Decision.ADD)
    query = select(ImportRow.xero_id, ImportRow.contact_id, ImportRow.copy).where(*chosen)
    rows = session.execute(query.order_by(ImportRow.xero_id))
    return [NewContact(key, contact_id, new_values(copy["values"])) for key, contact_id, copy in rows]


def _problems(session: Session, run: Import, rows: Sequence[NewContact], context: RuleContext) -> Mapping[UUID, str]:
    """Return why rows cannot be added, by their keys: what they say is wrong, or their code is somebody's."""
    codes = [code for row in rows if (code := row.values["customer_code"])]
    taken = set(known.owners_of_codes(session, run.business_id, codes))
    found: dict[UUID, str] = {}
    for row in rows:
        code = row.values["customer_code"]
        if problem := problem_of(row.values, row.values, context):
            found[row.key] = problem
        elif code and code in taken:
            found[row.key] = CODE_TAKEN.format(code=code)
        elif code:
            taken.add(code)
    return found


def _contact(run: Import, row: NewContact, country: str, now: datetime) -> dict[str, Any]:
    given = [key for key, value in row.values.items() if value]
    return {
        "business_id": run.business_id,
        "id": row.contact_id,
        "is_customer": True,
        "is_supplier": False,
        "version": 1,
        "revision": 1,
        "created_at": now,
        "updated_at": now,
        **columns_of(row.values),
        **dict.fromkeys(provenance_of(row.values, source="", now=now)),
        "marketing_consent_source": "",
        **provenance_of(given, source=run.started_by, now=now),
        **search_columns(row.values, country),
    }


def _entry(run: Import, row: NewContact, now: datetime) -> dict[str, Any]:
    return {
        "business_id": run.business_id,
        "at": now,
        "kind": ActivityKind.ADDED,
        "contact_id": row.contact_id,
        "import_id": run.id,
        "actor": run.started_by,
        "changes": [],
        "note": NOTE.format(row=row.key.int, file=run.organisation),
    }
