"""Match what was read against the customers that exist. No customer is changed here."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.contact import Contact, Link
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Phase
from posxero.domain.matching import Candidate, Index, Match, Pair, match
from posxero.services.imports.exclusions import leave_out_excluded
from posxero.services.imports.lease import ImportLease
from posxero.services.imports.ranges import for_each_range
from posxero.services.imports.rows import (
    SET_MATCH,
    RowRange,
    count_open,
    rows_of,
    settle_linked,
    unsettled_in,
)

ROWS_PER_COMMIT: Final = 2000
CUSTOMERS_PER_FETCH: Final = 5000


def match_all(lease: ImportLease) -> None:
    """Set the decision of every row or mark it for review, then begin the review or adding.

    Raises:
        LeaseLost, Cancelled: As `ImportLease.step`.
    """
    with lease.step():
        settle_linked(lease.session, lease.run)
        leave_out_excluded(lease.session, lease.run)
    index = Index.of(_unlinked(lease.session, lease.run))
    if index.by_name or index.by_email or index.by_phone:
        duplicates = _xero_duplicates(lease.session, lease.run)
        if not for_each_range(lease, ROWS_PER_COMMIT, lambda row_range: _match(lease, row_range, index, duplicates)):
            return
    end_matching(lease)


def _match(lease: ImportLease, row_range: RowRange, index: Index, duplicates: frozenset[Pair]) -> dict[str, Any]:
    """Match one range of rows; rows that a person has decided about, or will, stay as they are."""
    compared = (ImportRow.xero_id, ImportRow.name_key, ImportRow.email_key, ImportRow.phone_keys)
    undecided = (*unsettled_in(lease.run, row_range), ~ImportRow.needs_review)
    matched: list[dict[str, Any]] = []
    for xero_id, name_key, email_key, phone_keys, decision in lease.session.execute(
        select(*compared, ImportRow.decision).where(*undecided)
    ):
        found = match(Candidate(xero_id, name_key, email_key, tuple(phone_keys.split())), index, duplicates)
        if found.decision is not Decision.ADD or decision is not Decision.ADD:
            matched.append(_matched(lease.run, xero_id, found))
    if matched:
        lease.session.connection().execute(SET_MATCH, matched)
    return {}


def _matched(run: Import, xero_id: UUID, found: Match) -> dict[str, Any]:
    return {
        "of_business": run.business_id,
        "of_import": run.id,
        "of_xero": xero_id,
        "decision": found.decision,
        "contact_id": found.candidates[0] if found.candidates else new_id(),
        "needs_review": found.decision is None,
        "candidates": [str(candidate) for candidate in found.candidates],
        "reason": found.reason,
    }


def end_matching(lease: ImportLease) -> None:
    """Begin the review where a row needs review, else adding; a preview ends."""
    if lease.run.is_preview:
        lease.finish(Phase.PREVIEWED)
        return
    undecided = select(ImportRow.xero_id).where(
        *rows_of(lease.run), ImportRow.outcome.is_(None), ImportRow.needs_review, ImportRow.decision.is_(None)
    )
    waits = lease.session.execute(undecided.limit(1)).first() is not None
    count = count_open(lease.session, lease.run)
    with lease.step() as columns:
        columns.update(lease.phase_columns(Phase.REVIEW if waits else Phase.ADDING), cursor=None, to_add=count)


def _unlinked(session: Session, run: Import) -> Iterator[Candidate]:
    """Read what is compared of every contact without a link to the organisation, archived ones too."""
    linked = select(Link.contact_id).where(
        Link.business_id == run.business_id, Link.tenant_id == run.tenant_id, Link.contact_id == Contact.id
    )
    contacts = session.execute(
        select(Contact.id, Contact.name_key, Contact.email_key, Contact.phone_keys)
        .where(Contact.business_id == run.business_id, Contact.erased_at.is_(None), Contact.merged_into.is_(None))
        .where(~linked.exists())
        .order_by(Contact.id)
        .execution_options(yield_per=CUSTOMERS_PER_FETCH)
    )
    for contact_id, name_key, email_key, phone_keys in contacts:
        yield Candidate(contact_id, name_key, email_key, tuple(phone_keys.split()))


def _xero_duplicates(session: Session, run: Import) -> frozenset[Pair]:
    """Find the names with emails that several of the contacts to be imported share."""
    pair = (ImportRow.name_key, ImportRow.email_key)
    shared = session.execute(
        select(*pair)
        .where(*rows_of(run), ImportRow.outcome.is_(None), ImportRow.name_key != "", ImportRow.email_key != "")
        .group_by(*pair)
        .having(func.count() > 1)
    )
    return frozenset((name_key, email_key) for name_key, email_key in shared)
