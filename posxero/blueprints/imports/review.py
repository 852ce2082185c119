"""The review of an import: decisions, kept page by page."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.imports import bp
from posxero.blueprints.imports.import_page import show_run
from posxero.db.session import db
from posxero.domain.enums import Decision, Right
from posxero.ports import current_ports
from posxero.services.imports import queries, review
from posxero.services.imports.errors import NotInReview, ReviewIncomplete
from posxero.services.imports.review import ReviewChoice
from posxero.web.htmx import go_to, request, toast
from posxero.web.numbers import parse_int
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user

CHOICE, NEVER = "choice", "never"  # radios, and buttons
BULK_DECISIONS = {"link-all": Decision.LINK, "add-all": Decision.ADD, "skip-all": Decision.SKIP}


@bp.get("/<uuid:import_id>/decisions")
@allowed(Right.READ)
def decisions(import_id: UUID) -> ResponseReturnValue:
    """Redirect anyone who opens or reloads the address of the form to the import."""
    return go_to(url_for(".show", import_id=queries.get(db.session, g.business.id, import_id).id))


@bp.post("/<uuid:import_id>/decisions")
@allowed(Right.MANAGE)
def decide(import_id: UUID) -> ResponseReturnValue:
    """Store the decisions of a page, then show another page, decide alike about all, or continue, as was pressed."""
    pressed, number = request.form.get("press", ""), parse_int(request.form.get("page"), 1)
    try:
        _carry_out(import_id, pressed)
    except NotInReview:
        toast("This import is no longer waiting for decisions.", "info")
    except ReviewIncomplete as error:
        run = queries.get(db.session, g.business.id, import_id)
        return show_run(run, number=error.page, status=422, problems={f"row-{error.first}": str(error)})
    page = parse_int(pressed.removeprefix("page-"), number)
    return go_to(url_for(".show", import_id=import_id, page=page if page > 1 else None))


def _carry_out(import_id: UUID, pressed: str) -> None:
    if pressed in BULK_DECISIONS:
        review.decide_all(db.session, g.business.id, import_id, BULK_DECISIONS[pressed])
        return
    review.decide(db.session, g.business.id, import_id, dict(_choices(request.form)))
    if pressed == "continue":
        jobs, by = current_ports().jobs, current_user.name
        review.continue_import(db.session, jobs, g.business.id, import_id, now=request_time(), by=by)


def _choices(form: Mapping[str, str]) -> Iterator[tuple[UUID, ReviewChoice]]:
    """Read the radios, choice-<Xero id>: add, skip, or link:<customer's id>; and the pressed button, never-<Xero id>.

    What is none of these is left out.
    """
    for name, value in [*form.items(), (form.get("press", ""), Decision.NEVER.value)]:
        prefix, _, xero_id = name.partition("-")
        word, _, contact = value.partition(":")
        try:
            if prefix in {CHOICE, NEVER}:
                yield UUID(xero_id), ReviewChoice(Decision(word), UUID(contact) if contact else None)
        except ValueError:
            continue
