"""Change customers who are here as the rows of a file say. Xero is owed the changes, after what people save."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from posxero.db.business import Business
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.domain.columns import values_of
from posxero.domain.diff import needs_push, without_reformatting
from posxero.domain.enums import ActivityKind, Decision, Outcome
from posxero.domain.field_rules import RuleContext
from posxero.services import activity, owed
from posxero.services.contacts import contacts, emptied_fields
from posxero.services.contacts.emptied_fields import EmptyFields
from posxero.services.imports.files import known
from posxero.services.imports.files.comparing import Changes, changes_of, problem_of
from posxero.services.imports.rows import SET_RESULT, UPDATE_ROW, RowRange, result_of, unsettled_in

DELETED: Final = "The customer no longer exists"
CODE_TAKEN: Final = "Another customer has the customer code “{code}”"
NOTE: Final = "Row {row} of {file}, by an import"
SET_COPY: Final = UPDATE_ROW.values(copy=bindparam("copy"))


class UpdateCounts(NamedTuple):
    """What became of the rows whose customers are here."""

    updated: int = 0
    unchanged: int = 0
    refused: int = 0


def update_rows(
    session: Session, run: Import, row_range: RowRange, business: Business, context: RuleContext, *, now: datetime
) -> UpdateCounts:
    """Update the customers of one range of rows; the caller commits."""
    rows = _decided(session, run, row_range)
    if not rows:
        return UpdateCounts()
    found = _lock(session, run, [row.contact_id for row in rows])
    outcomes: list[Outcome] = []
    for row in rows:
        contact = found.get(row.contact_id)
        changed = changes_of(values_of(contact), row.copy["values"], run.on_match) if contact else {}
        problem = _problem(session, contact, changed, context)
        if problem:
            outcome = Outcome.REFUSED
        elif contact and changed:
            outcome = Outcome.UPDATED
            _update(session, run, business, contact, row, changed, now)
        else:
            outcome = Outcome.UNCHANGED
        contact_id = None if outcome is Outcome.REFUSED else row.contact_id
        reason = problem if outcome is not Outcome.UPDATED else row.reason
        session.connection().execute(SET_RESULT, [result_of(run, row.xero_id, outcome, reason, contact_id)])
        outcomes.append(outcome)
    kinds = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REFUSED)
    return UpdateCounts(*(outcomes.count(kind) for kind in kinds))


def write_changes(
    session: Session,
    run: Import,
    business: Business,
    contact: Contact,
    changed: Changes,
    *,
    by: str,
    note: str,
    now: datetime,
) -> None:
    """Write changes into a contact and its history, and owe them to Xero as a backlog; the caller commits."""
    if needs_push(without_reformatting(changed)):
        changed = changed | _kept_in_xero(session, contact, changed)
        contacts.write(session, business, contact, changed, now, by=by)
        links = select(Link).where(Link.business_id == contact.business_id, Link.contact_id == contact.id)
        owed.owe_backlog([(contact, link) for link in session.scalars(links.with_for_update())], now=now)
    else:
        contacts.write(session, business, contact, changed, now, by=by)
    entries: list[Any] = [[key, before, after] for key, (before, after) in changed.items()]
    columns: dict[str, Any] = {"contact_id": contact.id, "import_id": run.id, "actor": by, "note": note}
    activity.record_entry(session, run.business_id, ActivityKind.EDITED, now=now, changes=entries, **columns)
    session.flush()


def _update(
    session: Session, run: Import, business: Business, contact: Contact, row: Row[Any], changed: Changes, now: datetime
) -> None:
    note = NOTE.format(row=row.xero_id.int, file=run.organisation)
    before = {key: old for key, (old, _) in changed.items()}
    write_changes(session, run, business, contact, changed, by=run.started_by, note=note, now=now)
    copy = {**row.copy, "before": before, "version": contact.version}
    key = {"of_business": run.business_id, "of_import": run.id, "of_xero": row.xero_id}
    session.connection().execute(SET_COPY, [key | {"copy": copy}])


def _kept_in_xero(session: Session, contact: Contact, changed: Changes) -> Changes:
    """Return Xero's values for fields that are empty here and that sending this contact would empty there."""
    values = values_of(contact) | {key: new for key, (_, new) in changed.items()}
    filled = emptied_fields.values_to_add(session, contact, values, EmptyFields.FILL)
    return {key: ("", value) for key, value in filled.items()}


def _decided(session: Session, run: Import, row_range: RowRange) -> list[Row[Any]]:
    chosen = (*unsettled_in(run, row_range), ImportRow.decision == Decision.MATCH)
    query = select(ImportRow.xero_id, ImportRow.contact_id, ImportRow.copy, ImportRow.reason).where(*chosen)
    return [*session.execute(query.order_by(ImportRow.xero_id))]


def _lock(session: Session, run: Import, ids: list[UUID]) -> Mapping[UUID, Contact]:
    chosen = (Contact.business_id == run.business_id, Contact.id.in_(ids), ~known.IS_GONE)
    query = select(Contact).where(*chosen).order_by(Contact.id).with_for_update()
    return {contact.id: contact for contact in session.scalars(query.execution_options(populate_existing=True))}


def _problem(session: Session, contact: Contact | None, changed: Changes, context: RuleContext) -> str:
    if contact is None:
        return DELETED
    values = values_of(contact) | {key: new for key, (_, new) in changed.items()}
    if problem := problem_of(values, changed, context):
        return problem
    code = values["customer_code"] if "customer_code" in changed else ""
    taken = known.owners_of_codes(session, contact.business_id, [code]) if code else {}
    return CODE_TAKEN.format(code=code) if taken else ""
