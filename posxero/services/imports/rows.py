"""Conditions and statements over the staged rows that several steps share."""

from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, bindparam, false, func, select, true, update
from sqlalchemy.orm import Session

from posxero.db.contact import Link
from posxero.db.engine import rows_changed
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Outcome
from posxero.domain.proposals import Proposal

Conditions = tuple[ColumnElement[bool], ...]

LOWEST_ID: Final = UUID(int=0)
TABLE: Final = cast("Table", ImportRow.__table__)
UPDATE_ROW: Final = TABLE.update().where(
    TABLE.c.business_id == bindparam("of_business"),
    TABLE.c.import_id == bindparam("of_import"),
    TABLE.c.xero_id == bindparam("of_xero"),
)
SET_DECISION: Final = UPDATE_ROW.values({name: bindparam(name) for name in ("decision", "contact_id")})
SET_REASON: Final = UPDATE_ROW.values(reason=bindparam("reason"))
SET_MATCH: Final = UPDATE_ROW.values(
    {name: bindparam(name) for name in ("decision", "contact_id", "needs_review", "candidates", "reason")}
)
SET_RESULT: Final = UPDATE_ROW.values(
    {name: bindparam(name) for name in ("outcome", "reason", "contact_id", "decision", "needs_review")}
)


class RowRange(NamedTuple):
    """A run of rows in the order of xero_id: after the one, up to and with the other."""

    after: UUID
    upto: UUID


def result_of(
    run: Import, xero_id: UUID, outcome: Outcome, reason: str, contact_id: UUID | None = None
) -> dict[str, Any]:
    """Return the values of SET_RESULT that settle a row."""
    key = {"of_business": run.business_id, "of_import": run.id, "of_xero": xero_id}
    settled = {"outcome": outcome, "reason": reason, "contact_id": contact_id}
    return {**key, **settled, "decision": None, "needs_review": False}


def rows_of(run: Import) -> Conditions:
    """Return the condition of rows of an import."""
    return (ImportRow.business_id == run.business_id, ImportRow.import_id == run.id)


def rows_to_repeat(run: Import) -> Conditions:
    """Return the condition of the rows of an earlier import that this one reads again."""
    earlier = (ImportRow.business_id == run.business_id, ImportRow.import_id == run.retry_of)
    return (*earlier, ImportRow.outcome == run.retry_outcome)


def unsettled_in(run: Import, row_range: RowRange) -> Conditions:
    """Return the condition of rows of a range that have no outcome yet."""
    return (*rows_of(run), *in_range(row_range), ImportRow.outcome.is_(None))


def in_range(row_range: RowRange) -> Conditions:
    """Return the condition of rows of a range, whatever became of them."""
    return (ImportRow.xero_id > row_range.after, ImportRow.xero_id <= row_range.upto)


def proposed_as(proposal: Proposal) -> Conditions:
    """Return the condition of rows that a preview would add, link or ask about."""
    decided: dict[Proposal, ColumnElement[bool]] = {
        Proposal.TO_ADD: ImportRow.decision == Decision.ADD,
        Proposal.TO_LINK: ImportRow.decision == Decision.LINK,
        Proposal.TO_UPDATE: ImportRow.decision == Decision.MATCH,
        Proposal.TO_CHECK: ImportRow.needs_review.is_(true()),
    }
    return (ImportRow.outcome.is_(None), decided[proposal])


def count_proposed(session: Session, run: Import) -> dict[str, int]:
    """Count the rows by what a preview would do with them, by the names of the columns that keep the counts."""
    counts = [func.count().filter(*proposed_as(proposal)) for proposal in Proposal]
    found = session.execute(select(*counts).where(*rows_of(run))).one()
    return {proposal.value: count for proposal, count in zip(Proposal, found, strict=True)}


def next_range(session: Session, run: Import, length: int) -> RowRange | None:
    """Find the rows that follow the import's cursor; None after the last."""
    after = run.cursor or LOWEST_ID
    following = select(ImportRow.xero_id).where(*rows_of(run), ImportRow.xero_id > after).limit(1)
    upto = session.scalar(following.order_by(ImportRow.xero_id).offset(length - 1))
    if upto is None:
        upto = session.scalar(following.order_by(ImportRow.xero_id.desc()))
    return RowRange(after, upto) if upto else None


def count_open(session: Session, run: Import) -> int:
    """Count the rows that adding must settle."""
    return session.scalar(select(func.count()).where(*rows_of(run), ImportRow.outcome.is_(None))) or 0


def settle_linked(session: Session, run: Import, *conditions: ColumnElement[bool]) -> int:
    """Settle the rows whose Xero contact is linked already, those that would be left out among them.

    A contact that we are just creating in Xero is known by its ContactNumber, our id.

    Returns:
        How many rows were settled.
    """
    links = select(Link.contact_id).where(Link.business_id == run.business_id, Link.tenant_id == run.tenant_id)
    if session.execute(links.limit(1)).first() is None:
        return 0
    known = links.where(Link.xero_id == ImportRow.xero_id)
    created = links.where(Link.xero_id.is_(None), Link.contact_id == ImportRow.ours)
    settled = _settle(session, run, known, *conditions)
    return settled + _settle(session, run, created, ImportRow.ours.is_not(None), *conditions)


def _settle(session: Session, run: Import, link: Select[UUID], *conditions: ColumnElement[bool]) -> int:
    # Not EXISTS: PostgreSQL joins it, and without statistics reads every link for every row.
    contact_id = link.correlate(ImportRow).scalar_subquery()
    found = session.execute(
        update(ImportRow)
        .where(*rows_of(run), *conditions, contact_id.is_not(None))
        .values(outcome=Outcome.ALREADY_LINKED, contact_id=contact_id, decision=None, needs_review=false(), reason="")
        .execution_options(synchronize_session=False)
    )
    return rows_changed(found)
