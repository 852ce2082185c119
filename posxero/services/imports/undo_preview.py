"""What undoing an import would do: whether it can be undone, what it would remove, and what would stay."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import func
from sqlalchemy.orm import Session

from posxero.db.contact import Contact
from posxero.db.import_ import Import, ImportRow
from posxero.domain.enums import Outcome, Phase
from posxero.domain.kinds import ContactKind
from posxero.services.imports.files.undo_rules import reason_to_keep, with_customers
from posxero.services.imports.undo_kinds import count_switched
from posxero.services.imports.undo_rules import SOLD, UNDOABLE_OUTCOMES, made_rows

KEPT_NAMES: Final = 20  # names that are shown of those that stay
ENDED_PHASES: Final = (Phase.FINISHED, Phase.CANCELLED, Phase.FAILED)


class UndoPreview(NamedTuple):
    """What undoing an import would do now.

    `switched` counts those that would no longer be a customer or supplier, by what the import made them, too;
    `kept` counts the customers that would stay by the reason; `names` are the first of them, each with its reason.
    """

    removed: int
    unlinked: int
    restored: int
    switched: Mapping[ContactKind, int]
    kept: Sequence[tuple[str, int]]
    names: Sequence[tuple[str, str]]


def may_undo(run: Import) -> bool:
    """Return whether an import is over and left something here that its rows still name."""
    return run.phase in ENDED_PHASES and left_here(run) > 0 and run.rows_deleted_at is None


def left_here(run: Import) -> int:
    """Count the customers and suppliers that an import added, linked or changed."""
    return run.added + run.linked + run.updated + run.kinds_added


def preview_undo(session: Session, run: Import) -> UndoPreview:
    """Count what undoing an import would remove, unlink and keep."""
    reason = reason_to_keep(run)
    grouped = with_customers(run, ImportRow.outcome, reason, func.count()).where(*made_rows(run))
    undone: Counter[Outcome] = Counter()
    kept: Counter[str] = Counter()
    for outcome, why, count in session.execute(grouped.group_by(ImportRow.outcome, reason)):
        if why is None:
            undone[outcome] += count
        else:
            kept[why] += count
    switched, sold_to = count_switched(session, run)
    kept[SOLD] += sold_to
    name = func.coalesce(Contact.name, ImportRow.name)
    names = with_customers(run, name, reason).where(*made_rows(run), reason.is_not(None))
    shown = session.execute(names.order_by(ImportRow.name_key, ImportRow.xero_id).limit(KEPT_NAMES))
    removed, unlinked, restored = (undone[outcome] for outcome in UNDOABLE_OUTCOMES)
    return UndoPreview(removed, unlinked, restored, switched, (+kept).most_common(), [(*row,) for row in shown])
