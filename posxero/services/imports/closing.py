"""The end of an import: its counts, drawn once more from its rows, and a line in the history."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posxero.db.activity import Activity
from posxero.db.base import new_id
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import ActivityKind, Outcome, Phase

RELEASED: Final[dict[str, Any]] = {"lease_token": None, "lease_until": None}  # a lease given back
RESUMED: Final[dict[str, Any]] = {"paused_until": None, "paused_reason": ""}  # a pause that is over
KINDS: Final = {
    Phase.FINISHED: ActivityKind.IMPORT_FINISHED,
    Phase.CANCELLED: ActivityKind.IMPORT_CANCELLED,
    Phase.FAILED: ActivityKind.IMPORT_FAILED,
}


def finish_columns(
    session: Session, run: Import, phase: Phase, *, now: datetime, by: str = "", error: str = ""
) -> dict[str, Any]:
    """Give what an import that is over holds, and add its line to the history; the caller stores both.

    Args:
        session: In the transaction that will end the import.
        run: The import.
        phase: finished, cancelled or failed.
        now: The database's time.
        by: Who ended it; "" when it ended by itself.
        error: Why it failed, in words.
    """
    counts = count_columns(session, run)
    note = error or f"{counts['added']} added, {counts['linked']} linked, {counts['refused']} couldn't be imported"
    session.add(
        Activity(
            business_id=run.business_id, id=new_id(), at=now, kind=KINDS[phase], import_id=run.id, actor=by, note=note
        )
    )
    return {"phase": phase, "phase_at": now, "finished_at": now, "error": error} | RESUMED | RELEASED | counts


def count_columns(session: Session, run: Import) -> dict[str, int]:
    """Count the rows of an import by outcome, by the names of the columns that keep the counts."""
    rows = session.execute(
        select(ImportRow.outcome, func.count())
        .where(ImportRow.business_id == run.business_id, ImportRow.import_id == run.id)
        .group_by(ImportRow.outcome)
    )
    found: dict[Outcome | None, int] = dict(rows.all())
    return {outcome.value: found.get(outcome, 0) for outcome in Outcome} | {"read": sum(found.values())}
