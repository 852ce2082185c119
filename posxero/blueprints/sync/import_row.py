"""One import as a row of Sync activity, in words."""

from typing import Final

from flask import url_for

from posxero.blueprints.sync.feed_query import IMPORT_LABELS
from posxero.blueprints.sync.feed_row import FeedRow
from posxero.db.import_ import Import
from posxero.domain.enums import ConnectionState, Phase
from posxero.services.imports.progress import ImportProgress, progress, result_of
from posxero.services.imports.queries import FROM_FILE, FROM_XERO
from posxero.services.push.feed.position import FeedPosition
from posxero.services.push.kinds.kind_feed import RowCure
from posxero.web.request_time import request_time
from posxero.web.sync_status import connection_status
from posxero.web.times import upcoming

COUNTED: Final = {Phase.FINISHED, Phase.PREVIEWED, Phase.UNDONE}
DECIDE: Final = "Some look like customers you already have: choose which are the same."


def import_row(run: Import) -> FeedRow:
    """Return an import in words."""
    seen = progress(run, now=request_time())
    is_paused, goes_on = seen.pause_left is not None, seen.pause_left is not None and _continues_by_itself(run)
    return FeedRow(
        position=FeedPosition(0, run.started_at, run.id),
        address_id="",
        kind=IMPORT_LABELS[FROM_FILE if run.file_id else FROM_XERO],
        href=url_for("imports.show", import_id=run.id),
        title=f"Import from {run.organisation}",
        at=run.started_at,
        who=run.started_by,
        status="Paused" if is_paused else seen.label,
        badge=None,
        detail=_detail(run, seen),
        next_attempt=run.paused_until if goes_on else None,
        tries=run.tries if is_paused else 0,
        raw="",
        cure=RowCure.OPEN if _needs_a_person(run) or (is_paused and not goes_on) else None,
    )


def _detail(run: Import, seen: ImportProgress) -> str:
    if run.paused_until is not None and seen.pause_left is not None:
        until = f" Continues {upcoming(run.paused_until)}." if _continues_by_itself(run) else ""
        return f"{run.paused_reason}{until}"
    if run.phase in COUNTED:
        return f"{result_of(run)}."
    if run.phase is Phase.REVIEW:
        return DECIDE
    return run.error if run.phase.is_over else f"{seen.percent}%"


def _continues_by_itself(run: Import) -> bool:
    """Return whether a pause ends with time; else it ends when somebody connects to Xero again."""
    connection = connection_status().connection
    return run.tries > 0 or (connection is not None and connection.state is ConnectionState.CONNECTED)


def _needs_a_person(run: Import) -> bool:
    """Return whether it waits for decisions, failed, or left out contacts that can be imported again."""
    return run.phase in {Phase.REVIEW, Phase.FAILED} or (run.phase is Phase.FINISHED and run.refused > 0)
