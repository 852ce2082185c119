"""The review: a person says what to do with each ambiguous match, then the import continues."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import writing
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Phase
from posxero.queue import JobQueue
from posxero.services.imports import queries, review_rows
from posxero.services.imports.errors import NotInReview, ReviewIncomplete
from posxero.services.imports.reading import catch_up
from posxero.services.imports.rows import SET_DECISION, count_open


class ReviewChoice(NamedTuple):
    """What a person chose: link to a customer or change it, add, skip, or never import."""

    decision: Decision
    contact_id: UUID | None = None  # of the customer, for a link


def decide(session: Session, business_id: UUID, import_id: UUID, choices: Mapping[UUID, ReviewChoice]) -> None:
    """Store what a person chose for some contacts, by their Xero ids, and commit.

    A link to a customer that does not match the contact is not stored.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
    """
    with _review(session, business_id, import_id) as run:
        candidates = _candidates(session, run)
        valid = {
            xero_id: choice
            for xero_id, choice in choices.items()
            if xero_id in candidates
            and (choice.decision is not _same(run) or str(choice.contact_id) in candidates[xero_id])
            and choice.decision in _possible(run)
        }
        _store(session, run, valid)


def decide_all(session: Session, business_id: UUID, import_id: UUID, decision: Decision) -> None:
    """Decide alike about every contact that needs review, and commit; each may be changed afterwards.

    A link is only made where one customer and one contact of Xero match; the others stay as they are.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
    """
    with _review(session, business_id, import_id) as run:
        candidates = _candidates(session, run)
        if decision is Decision.LINK:
            _store(session, run, _single_matches(candidates, _same(run)))
        else:
            _store(session, run, dict.fromkeys(candidates, ReviewChoice(decision)))


def continue_import(
    session: Session, jobs: JobQueue, business_id: UUID, import_id: UUID, *, now: datetime, by: str = ""
) -> None:
    """End the review, commit, and let a worker continue.

    What changed in Xero meanwhile is read first: a review may take a day. A file does not change.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
        ReviewIncomplete: Some contacts have no decision; nothing is changed.
    """
    with _review(session, business_id, import_id) as run:
        _, undecided = review_rows.count(session, run)
        if undecided:
            raise ReviewIncomplete(undecided, *review_rows.first_undecided(session, run))
        following = _adding(session, run) if run.file_id else _reading(run)
        session.execute(
            update(Import)
            .where(Import.business_id == business_id, Import.id == import_id, Import.phase == Phase.REVIEW)
            .values(phase_at=now, reviewed_at=now, reviewed_by=by, **following)
            .execution_options(synchronize_session=False)
        )
    jobs.run_import(business_id, import_id)


def _reading(run: Import) -> dict[str, Any]:
    return {"phase": Phase.READING, **catch_up(run.walk_started_at or run.started_at)}


def _adding(session: Session, run: Import) -> dict[str, Any]:
    return {"phase": Phase.ADDING, "cursor": None, "to_add": count_open(session, run)}


@contextmanager
def _review(session: Session, business_id: UUID, import_id: UUID) -> Iterator[Import]:
    """Open a transaction that changes an import in review, and commit it."""
    with writing(session):
        run = queries.get(session, business_id, import_id)
        if run.phase is not Phase.REVIEW:
            raise NotInReview
        yield run


def _candidates(session: Session, run: Import) -> dict[UUID, list[str]]:
    rows = session.execute(select(ImportRow.xero_id, ImportRow.candidates).where(*review_rows.needs_review(run)))
    return dict(rows.all())


def _same(run: Import) -> Decision:
    """Return the decision that a row is a customer who is here."""
    return Decision.MATCH if run.file_id else Decision.LINK


def _possible(run: Import) -> set[Decision]:
    """Return the decisions that there are: a row of a file has no other side that could be linked or excluded."""
    return {Decision.MATCH, Decision.ADD, Decision.SKIP} if run.file_id else {*Decision} - {Decision.MATCH}


def _single_matches(candidates: Mapping[UUID, Sequence[str]], same: Decision) -> dict[UUID, ReviewChoice]:
    """Choose to link where one customer and one contact of Xero match."""
    wanted = Counter(candidate for found in candidates.values() for candidate in found)
    single = {xero_id: found[0] for xero_id, found in candidates.items() if len(found) == 1 and wanted[found[0]] == 1}
    return {xero_id: ReviewChoice(same, UUID(customer)) for xero_id, customer in single.items()}


def _store(session: Session, run: Import, choices: Mapping[UUID, ReviewChoice]) -> None:
    chosen = [
        {
            "of_business": run.business_id,
            "of_import": run.id,
            "of_xero": xero_id,
            "decision": choice.decision,
            "contact_id": choice.contact_id if choice.decision is _same(run) else new_id(),
        }
        for xero_id, choice in choices.items()
    ]
    if chosen:
        session.connection().execute(SET_DECISION, chosen)
