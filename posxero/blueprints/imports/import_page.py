"""An import on the screen: what each phase shows."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from posxero.db.import_ import Import
from posxero.db.session import db
from posxero.domain.enums import Outcome, Phase
from posxero.domain.proposals import Proposal
from posxero.services.imports import report, rereading, review_rows, undo_preview
from posxero.services.imports.files import uploads
from posxero.services.imports.lease import WORKER_PHASES
from posxero.services.imports.progress import ImportProgress, duration_text, progress
from posxero.services.imports.report import Result
from posxero.web.htmx import render, request
from posxero.web.idempotency import new_idempotency_key
from posxero.web.request_time import request_time

STEP_LABELS = ("Read from Xero", "Check possible matches", "Add customers")
FILE_STEP_LABELS = ("Read the file", "Check possible matches", "Import customers")
COUNT_PHRASES = {  # of the report's sentence, after each number
    Outcome.ADDED: "added",
    Outcome.LINKED: "linked",
    Outcome.ALREADY_LINKED: "already linked",
    Outcome.UPDATED: "updated",
    Outcome.UNCHANGED: "unchanged",
    Outcome.LEFT_OUT: "not imported",
    Outcome.SKIPPED: "skipped",
    Outcome.REFUSED: "couldn't be imported",
    Outcome.UNDONE: "undone",
    Proposal.TO_ADD: "would be added",
    Proposal.TO_LINK: "would be linked",
    Proposal.TO_UPDATE: "would be updated",
    Proposal.TO_CHECK: "to check",
}
STEP_OF_PHASE = {Phase.READING: 1, Phase.MATCHING: 1, Phase.REVIEW: 2, Phase.ADDING: 3}


def show_run(
    run: Import,
    *,
    number: int = 1,
    block: str = "",
    status: int = 200,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """Answer the page of an import, or the block of its phase.

    Args:
        run: The import.
        number: The page of the review, or of the report.
        block: "phase" for a fragment.
        status: 422 with problems.
        problems: Messages by the id of what they are about.
    """
    seen = progress(run, now=request_time())
    context: dict[str, Any] = {
        "run": run,
        "running": run.phase in WORKER_PHASES,
        "title": _title(run, seen),
        "heading": _heading(run),
        "progress": seen,
        "took": duration_text(run),
        "steps_of": FILE_STEP_LABELS if run.file_id else STEP_LABELS,
        "things": "row" if run.file_id else "contact",
        "step": _step(run),
        "problems": problems or {},
    }
    if run.phase is Phase.REVIEW:
        context["page"] = review_rows.page(db.session, run, number, country=g.business.country)
    if run.phase.is_over:
        context["report"] = report.report(db.session, run, _parse_result(request.args.get("show", "")), number)
        shown = context["report"].outcome
        context["may_repeat"] = isinstance(shown, Outcome) and rereading.may_repeat(run, shown)
        context["words_of"] = COUNT_PHRASES
        context["idempotency_key"] = new_idempotency_key()
        context["may_undo"] = undo_preview.may_undo(run)
        context["is_file_kept"] = run.file_id is not None and uploads.is_kept(db.session, run.business_id, run.file_id)
    return render("imports/show.html", block=block, status=status, **context)


def parse_outcome(value: str) -> Outcome | None:
    """Read an outcome from an address; None for anything else."""
    return Outcome(value) if value in set(Outcome) else None


def _parse_result(value: str) -> Result | None:
    return Proposal(value) if value in set(Proposal) else parse_outcome(value)


def _step(run: Import) -> int:
    """Return the step of an import, 0 for none; what is read again after a review belongs to the review."""
    step = STEP_OF_PHASE.get(run.phase, 0)
    return 2 if step == 1 and run.reviewed_at is not None else step


def _heading(run: Import) -> str:
    if run.phase is Phase.UNDOING:
        return "Undoing an import"
    if run.file_id:
        return _heading_of_file(run)
    if run.is_preview:
        return "Looking at your contacts in Xero" if run.phase in WORKER_PHASES else "What an import would do"
    return "Importing from Xero" if run.phase in WORKER_PHASES else "Import from Xero"


def _heading_of_file(run: Import) -> str:
    if run.is_preview:
        return "Looking at the file" if run.phase in WORKER_PHASES else "What an import would do"
    return "Importing a file" if run.phase in WORKER_PHASES else "Import from a file"


def _title(run: Import, seen: ImportProgress) -> str:
    if run.phase in WORKER_PHASES:
        return f"{seen.percent}% · {_heading(run)}"
    what = "review" if run.phase is Phase.REVIEW else run.phase.label.lower()
    return f"Import from {'a file' if run.file_id else 'Xero'}: {what}"
