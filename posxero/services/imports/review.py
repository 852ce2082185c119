"""The review: a person says what to do with each doubtful contact, then the import goes on."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from posxero.db.base import new_id
from posxero.db.engine import begin_writing
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Decision, Phase
from posxero.queue import JobQueue
from posxero.services.imports import doubts, queries
from posxero.services.imports.errors import NotInReview, ReviewIncomplete
from posxero.services.imports.reading import catch_up
from posxero.services.imports.rows import CHOOSE


class Choice(NamedTuple):
    """What a person chose: link to a customer, add, or skip."""

    decision: Decision
    contact_id: UUID | None = None  # of the customer, for a link


def decide(session: Session, business_id: UUID, import_id: UUID, choices: Mapping[UUID, Choice]) -> None:
    """Keep what a person chose for some contacts, by their Xero ids, and commit.

    A link to a customer that does not match the contact is not kept.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
    """
    run = _in_review(session, business_id, import_id)
    candidates = _candidates(session, run)
    kept = {
        xero_id: choice
        for xero_id, choice in choices.items()
        if xero_id in candidates
        and (choice.decision is not Decision.LINK or str(choice.contact_id) in candidates[xero_id])
    }
    _keep(session, run, kept)


def decide_all(session: Session, business_id: UUID, import_id: UUID, decision: Decision) -> None:
    """Decide alike about every doubtful contact, and commit; each may be changed afterwards.

    A link is only made where one customer and one contact of Xero match; the others stay as they are.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
    """
    run = _in_review(session, business_id, import_id)
    candidates = _candidates(session, run)
    if decision is not Decision.LINK:
        _keep(session, run, dict.fromkeys(candidates, Choice(decision)))
        return
    wanted = Counter(candidate for found in candidates.values() for candidate in found)
    single = {xero_id: found[0] for xero_id, found in candidates.items() if len(found) == 1 and wanted[found[0]] == 1}
    _keep(session, run, {xero_id: Choice(decision, UUID(found)) for xero_id, found in single.items()})


def continue_import(session: Session, jobs: JobQueue, business_id: UUID, import_id: UUID, *, now: datetime) -> None:
    """End the review, commit, and let a worker go on.

    What changed in Xero meanwhile is read first: a review may take a day.

    Raises:
        NotFound: The business has no such import.
        NotInReview: There is nothing to decide.
        ReviewIncomplete: Some contacts have no decision; nothing is changed.
    """
    run = _in_review(session, business_id, import_id)
    _, undecided = doubts.count(session, run)
    if undecided:
        first, page = doubts.first_undecided(session, run)
        session.rollback()
        raise ReviewIncomplete(undecided, first, page)
    session.execute(
        update(Import)
        .where(Import.business_id == business_id, Import.id == import_id, Import.phase == Phase.REVIEW)
        .values(phase=Phase.READING, phase_at=now, reviewed_at=now, **catch_up(run.walk_started_at or run.started_at))
        .execution_options(synchronize_session=False)
    )
    session.commit()
    jobs.run_import(business_id, import_id)


def _in_review(session: Session, business_id: UUID, import_id: UUID) -> Import:
    begin_writing(session)
    run = queries.get(session, business_id, import_id)
    if run.phase is not Phase.REVIEW:
        session.rollback()
        raise NotInReview
    return run


def _candidates(session: Session, run: Import) -> dict[UUID, list[str]]:
    rows = session.execute(select(ImportRow.xero_id, ImportRow.candidates).where(*doubts.doubtful(run)))
    return dict(rows.all())


def _keep(session: Session, run: Import, choices: Mapping[UUID, Choice]) -> None:
    chosen = [
        {
            "of_business": run.business_id,
            "of_import": run.id,
            "of_xero": xero_id,
            "decision": choice.decision,
            "contact_id": choice.contact_id if choice.decision is Decision.LINK else new_id(),
        }
        for xero_id, choice in choices.items()
    ]
    if chosen:
        session.connection().execute(CHOOSE, chosen)
    session.commit()
