"""Settle the rows: add, link, skip. Whole ranges of rows go from table to table inside the database.

The id of a new contact was made when its row was staged; its link and its first line of
history share that id, so nothing here is made contact by contact.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import false, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.contact import Contact, Link
from posxero.db.engine import rows_changed
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import ActivityKind, Decision, LinkState, Outcome, Phase
from posxero.domain.fields import MAPPED_KEYS
from posxero.domain.kinds import ContactKind
from posxero.services.imports import exclusions
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.linking import link
from posxero.services.imports.ranges import counted, for_each_range
from posxero.services.imports.rows import RowRange, rows_of, settle_linked, unsettled_in
from posxero.services.imports.statistics import analyze_new_tables
from posxero.services.push.links import held_back
from posxero.services.xero_connection import connections

ROWS_PER_COMMIT: Final = 1000


def add_all(lease: ImportLease) -> None:
    """Settle the rows range by range until all are settled or the slice is over.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """

    def add(row_range: RowRange) -> dict[str, int]:
        counts = settle(lease.session, lease.run, row_range, now=lease.now)
        analyze_new_tables(lease.session, "contact", "link")
        return counted(lease.run, counts)

    if not for_each_range(lease, ROWS_PER_COMMIT, add):
        return
    with lease.step():
        set_flags(lease.session, lease.run)
    lease.finish(Phase.FINISHED, last=lambda: _owe_customers_of_sales(lease))


def _owe_customers_of_sales(lease: ImportLease) -> None:
    """Owe Xero the customers of sales that waited for this import; a sale that is charged meanwhile waits for it."""
    session, run = lease.session, lease.run
    connections.lock_matching(session, run.business_id, run.tenant_id)
    if connections.must_match_first(session, run.business_id, run.tenant_id):
        held_back.owe_customers_of_sales(session, run.business_id, run.tenant_id, now=lease.now)


def settle(session: Session, run: Import, row_range: RowRange, *, now: datetime) -> dict[str, int]:
    """Carry out the decisions about one range of rows; the caller commits.

    Returns:
        How many rows came to each outcome, by the column that counts them.
    """
    exclusions.exclude_decided(session, run, row_range, now=now)
    already = settle_linked(session, run, *unsettled_in(run, row_range))
    linked, refused = link(session, run, row_range, now=now)
    never = {"contact_id": None, "reason": exclusions.REASON}
    return {
        Outcome.ALREADY_LINKED.value: already,
        Outcome.LINKED.value: linked,
        Outcome.REFUSED.value: refused,
        Outcome.LEFT_OUT.value: settle_decided(session, run, row_range, Decision.NEVER, Outcome.LEFT_OUT, **never),
        Outcome.SKIPPED.value: settle_decided(session, run, row_range, Decision.SKIP, Outcome.SKIPPED, contact_id=None),
        Outcome.ADDED.value: _add(session, run, row_range, now),
    }


def set_flags(session: Session, run: Import) -> None:
    """Make a contact that was linked before a customer or supplier, where Xero says it is one; never the reverse.

    Supplier only where the import was to bring in suppliers. Flags are no fields: no version is raised. The rows
    remember whom it made one, so that undoing the import takes that back.
    """
    flags = [(ContactKind.CUSTOMER, Contact.is_customer, ImportRow.is_customer)]
    if run.with_suppliers:
        flags.append((ContactKind.SUPPLIER, Contact.is_supplier, ImportRow.is_supplier))
    for kind, here, there in flags:
        unmerged = (Contact.business_id == run.business_id, Contact.merged_into.is_(None))
        lacking = select(Contact.id).where(*unmerged, ~here)
        linked = (*rows_of(run), ImportRow.outcome == Outcome.ALREADY_LINKED)
        session.execute(
            update(ImportRow)
            .where(*linked, there, ImportRow.contact_id.in_(lacking))
            .values(kind_added=kind.value)
            .execution_options(synchronize_session=False)
        )
        switched = select(ImportRow.contact_id).where(*linked, ImportRow.kind_added == kind.value)
        session.execute(
            update(Contact)
            .where(*unmerged, ~here, Contact.id.in_(switched))
            .values({here: true()})
            .execution_options(synchronize_session=False)
        )


def _add(session: Session, run: Import, row_range: RowRange, now: datetime) -> int:
    status = (*unsettled_in(run, row_range), ImportRow.decision == Decision.ADD)
    for table, values in (
        (Contact, _contact_columns(now)),
        (Link, _link_columns(run, now)),
        (Activity, _activity_columns(run, now)),
    ):
        chosen = select(*values.values()).where(*status).order_by(ImportRow.xero_id)
        session.execute(insert(table).from_select(list(values), chosen, include_defaults=False))
    return settle_decided(session, run, row_range, Decision.ADD, Outcome.ADDED)


def settle_decided(
    session: Session, run: Import, row_range: RowRange, decision: Decision, outcome: Outcome, **values: Any
) -> int:
    """Settle the open rows of a range with a decision; the caller commits. Returns how many there were."""
    found = session.execute(
        update(ImportRow)
        .where(*unsettled_in(run, row_range), ImportRow.decision == decision)
        .values(outcome=outcome, **values)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(found)


def _contact_columns(now: datetime) -> dict[str, Any]:
    """Return what a new contact's columns are drawn from. Values stay as Xero has them."""
    return {
        "business_id": ImportRow.business_id,
        "id": ImportRow.contact_id,
        "is_customer": ImportRow.is_customer,
        "is_supplier": ImportRow.is_supplier,
        # one step to each value: through "values" first, the text of all would be copied for each
        **{key: func.coalesce(ImportRow.copy["values", key].as_string(), "") for key in MAPPED_KEYS},
        "name_key": ImportRow.name_key,
        "search_text": ImportRow.search_text,
        "email_key": ImportRow.email_key,
        "phone_keys": ImportRow.phone_keys,
        "phone_key": ImportRow.phone_key,
        "mobile_key": ImportRow.mobile_key,
        "near_key": ImportRow.near_key,
        "version": literal(1),
        "revision": literal(1),
        "created_at": literal(now, Contact.created_at.type),
        "updated_at": literal(now, Contact.updated_at.type),
    }


def _link_columns(run: Import, now: datetime) -> dict[str, Any]:
    """Return what its link's columns are drawn from: nothing is owed, an import must not rewrite the books."""
    return {
        "business_id": ImportRow.business_id,
        "id": ImportRow.contact_id,
        "contact_id": ImportRow.contact_id,
        "tenant_id": literal(run.tenant_id, Link.tenant_id.type),
        "xero_id": ImportRow.xero_id,
        "copy": ImportRow.copy,
        "copied_at": literal(now, Link.copied_at.type),
        "outstanding": ImportRow.outstanding,
        "overdue": ImportRow.overdue,
        "balance_at": literal(run.started_at, Link.balance_at.type),
        "sent_revision": literal(1),
        "owed_revision": literal(1),
        "linked_at": literal(now, Link.linked_at.type),
        "state": literal(LinkState.ACTIVE, Link.state.type),
        "tries": literal(0),
        "differs": false(),
        "verify_due": false(),
    }


def _activity_columns(run: Import, now: datetime) -> dict[str, Any]:
    return {
        "business_id": ImportRow.business_id,
        "id": ImportRow.contact_id,
        "at": literal(now, Activity.at.type),
        "kind": literal(ActivityKind.IMPORTED, Activity.kind.type),
        "contact_id": ImportRow.contact_id,
        "import_id": literal(run.id, Activity.import_id.type),
        "actor": literal(run.started_by),
        "field_keys": literal(""),
        "note": literal(f"{run.organisation}, linked"),
    }
