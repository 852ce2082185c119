"""The Accounting API, /api.xro/2.0: contacts and their history."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, request

from posxero.practice import (
    answers,
    bodies,
    idempotency,
    middleware,
    query,
    records,
    rules,
    shapes,
    store,
    writing,
    xero_dates,
)
from posxero.practice.filter_tokens import CannotParse
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

bp = Blueprint("api", __name__, url_prefix="/api.xro/2.0")
middleware.guard(bp)

VALIDATION_MESSAGE = "A validation exception occurred"


@bp.get("/Contacts")
def contacts() -> Response:
    """List contacts by page, order, filter, search and moment."""
    asked = request.args.to_dict()
    try:
        found = query.find(database(), g.tenant, asked, request.headers.get("If-Modified-Since", ""))
    except CannotParse as error:
        return answers.refused(answers.QUERY, str(error))
    summary = asked.get("summaryOnly", "").lower() == "true"
    elements = [
        shapes.read(json.loads(record), detailed=found.number > 0, by_api=by_api, summary=summary)
        for record, by_api in found.records
    ]
    pagination = {"page": found.number, "pageSize": found.size, "pageCount": found.pages, "itemCount": found.count}
    return answers.envelope("Contacts", elements, now(), pagination if found.number else None)


@bp.get("/Contacts/<identifier>")
def contact(identifier: str) -> Response:
    """Show one contact, archived or not, by its ContactID or ContactNumber."""
    found = _found(identifier)
    by_api = records.is_written(database(), found["ContactID"])
    element = shapes.read(found, detailed=True, by_api=by_api) | {"Attachments": []}
    return answers.envelope("Contacts", [element], now())


@bp.put("/Contacts")
def create() -> Response:
    """Create contacts; one that exists is refused."""
    return _write(_elements(), create=True)


@bp.post("/Contacts")
def create_or_update() -> Response:
    """Create or update contacts."""
    return _write(_elements(), create=False)


@bp.post("/Contacts/<identifier>")
def update(identifier: str) -> Response:
    """Update one contact."""
    found = _found(identifier)
    elements = _elements()
    if len(elements) != 1:
        return answers.refused(answers.UNREADABLE, "Exactly one contact must be sent")
    return _write([elements[0] | {"ContactID": found["ContactID"]}], create=False)


@bp.get("/Contacts/<identifier>/History")
def history(identifier: str) -> Response:
    """List what happened to a contact, newest first."""
    found = _found(identifier)
    lines = [
        {
            "Changes": row["changes"],
            "DateUTCString": xero_dates.plain(row["at"]),
            "DateUTC": xero_dates.with_offset(row["at"]),
            "User": row["user"],
            "Details": row["details"],
        }
        for row in records.history(database(), found["ContactID"])
    ]
    return answers.envelope("HistoryRecords", lines, now())


@bp.put("/Contacts/<identifier>/History")
def add_note(identifier: str) -> Response:
    """Add notes to a contact's history: all of them, or none where one cannot be added."""
    found = _found(identifier)
    notes = [str(element.get("Details") or "") for element in _elements("HistoryRecords")]
    moment = now()
    written = {"DateUTCString": xero_dates.plain(moment), "DateUTC": xero_dates.without_offset(moment)}
    wrong = [_note(details, {}) for details in notes if rules.broken_note(details)]
    if wrong:
        return answers.refused(answers.VALIDATION, VALIDATION_MESSAGE, wrong)
    for details in notes:
        records.note(
            database(), found["ContactID"], at=moment, changes="Note", user="System Generated", details=details
        )
    return answers.envelope("HistoryRecords", [_note(details, written) for details in notes], moment)


@bp.route("/", defaults={"anything": ""}, methods=["GET", "PUT", "POST", "DELETE"])
@bp.route("/<path:anything>", methods=["GET", "PUT", "POST", "DELETE"])
def elsewhere(anything: str) -> Response:  # noqa: ARG001 - the route's argument
    """Answer every other address as Xero does."""
    return answers.not_found()


def _note(details: str, written: Json) -> Json:
    wrong = rules.broken_note(details)
    return written | {"Details": details, "ValidationErrors": [{"Message": wrong}] if wrong else []}


def _found(identifier: str) -> Json:
    try:
        found = records.get(database(), g.tenant, str(UUID(identifier)))
    except ValueError:
        found = records.by_number(database(), g.tenant, identifier)
    if found is None:
        abort(answers.not_found())
    return found


def _elements(plural: str = "Contacts") -> list[Json]:
    """Read the body: a bare object, a list, or {"Contacts": […]}; 400 for anything else."""
    body: Any = bodies.read(request)
    if isinstance(body, dict):
        body = body.get(plural, [body])
    if not isinstance(body, list) or not body or not all(isinstance(element, dict) for element in body):
        abort(answers.refused(answers.UNREADABLE, "The request body could not be read"))
    g.elements = body
    return body


def _write(elements: list[Json], *, create: bool) -> Response:
    with store.writing(database()):
        known = idempotency.recall(database(), request, now())
        if known is not None:
            return known
        try:
            outcomes = writing.write(database(), g.tenant, elements, create=create, now=now())
        except writing.UnknownContact:
            response = answers.not_found()
        except rules.MalformedElement as error:
            response = answers.refused(answers.UNREADABLE, f"{error} could not be read")
        else:
            response = _outcome(outcomes)
        idempotency.remember(database(), request, response, now())
    return response


def _outcome(outcomes: list[writing.Outcome]) -> Response:
    """Answer a write: by default one bad element makes it 400, with summarizeErrors=false it is always 200."""
    verdict = request.args.get("summarizeErrors", "true").lower() == "false"
    bad = [outcome.shape(verdict=False) for outcome in outcomes if outcome.messages]
    if bad and not verdict:
        return answers.refused(answers.VALIDATION, VALIDATION_MESSAGE, bad)
    return answers.envelope("Contacts", [outcome.shape(verdict=verdict) for outcome in outcomes], now())
