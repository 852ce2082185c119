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
from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

bp = Blueprint("api", __name__, url_prefix="/api.xro/2.0")
middleware.register(bp)

VALIDATION_MESSAGE = "A validation exception occurred"


@bp.get("/Contacts")
def list_contacts() -> Response:
    """List contacts by page, order, filter, search term and If-Modified-Since."""
    asked = request.args.to_dict()
    try:
        found = query.find_contacts(database(), g.tenant, asked, request.headers.get("If-Modified-Since", ""))
    except InvalidQuery as error:
        return answers.bad_request(answers.QUERY, str(error))
    summary = asked.get("summaryOnly", "").lower() == "true"
    elements = [
        shapes.contact_for_read(json.loads(record), detailed=found.number > 0, by_api=by_api, summary=summary)
        for record, by_api in found.records
    ]
    pagination = {"page": found.number, "pageSize": found.size, "pageCount": found.pages, "itemCount": found.count}
    return answers.envelope("Contacts", elements, now(), pagination if found.number else None)


@bp.get("/Contacts/<identifier>")
def show_contact(identifier: str) -> Response:
    """Show one contact, archived or not, by its ContactID or ContactNumber."""
    found = _contact_or_404(identifier)
    by_api = records.is_written_by_api(database(), found["ContactID"])
    element = shapes.contact_for_read(found, detailed=True, by_api=by_api) | {"Attachments": []}
    return answers.envelope("Contacts", [element], now())


@bp.put("/Contacts")
def create_contacts() -> Response:
    """Create contacts; one that exists is refused."""
    return _write(_parse_elements(), create=True)


@bp.post("/Contacts")
def create_or_update_contacts() -> Response:
    """Create or update contacts."""
    return _write(_parse_elements(), create=False)


@bp.post("/Contacts/<identifier>")
def update_contact(identifier: str) -> Response:
    """Update one contact."""
    found = _contact_or_404(identifier)
    elements = _parse_elements()
    if len(elements) != 1:
        return answers.bad_request(answers.UNREADABLE, "Exactly one contact must be sent")
    return _write([elements[0] | {"ContactID": found["ContactID"]}], create=False)


@bp.get("/Contacts/<identifier>/History")
def list_history(identifier: str) -> Response:
    """List the history of a contact, newest first."""
    found = _contact_or_404(identifier)
    lines = [
        {
            "Changes": row["changes"],
            "DateUTCString": xero_dates.format_iso(row["at"]),
            "DateUTC": xero_dates.format_with_offset(row["at"]),
            "User": row["user"],
            "Details": row["details"],
        }
        for row in records.list_history(database(), found["ContactID"])
    ]
    return answers.envelope("HistoryRecords", lines, now())


@bp.put("/Contacts/<identifier>/History")
def add_history(identifier: str) -> Response:
    """Add notes to the history of a contact: all of them, or none if one is refused."""
    found = _contact_or_404(identifier)
    notes = [str(element.get("Details") or "") for element in _parse_elements("HistoryRecords")]
    at = now()
    written = {"DateUTCString": xero_dates.format_iso(at), "DateUTC": xero_dates.format_without_offset(at)}
    wrong = [_history_element(details, {}) for details in notes if rules.validate_note(details)]
    if wrong:
        return answers.bad_request(answers.VALIDATION, VALIDATION_MESSAGE, wrong)
    for details in notes:
        records.add_history(
            database(), found["ContactID"], at=at, changes="Note", user="System Generated", details=details
        )
    return answers.envelope("HistoryRecords", [_history_element(details, written) for details in notes], at)


@bp.route("/", defaults={"anything": ""}, methods=["GET", "PUT", "POST", "DELETE"])
@bp.route("/<path:anything>", methods=["GET", "PUT", "POST", "DELETE"])
def unknown_path(anything: str) -> Response:  # noqa: ARG001 - the route's argument
    """Answer every other path as Xero does."""
    return answers.not_found()


def _history_element(details: str, written: Json) -> Json:
    wrong = rules.validate_note(details)
    return written | {"Details": details, "ValidationErrors": [{"Message": wrong}] if wrong else []}


def _contact_or_404(identifier: str) -> Json:
    try:
        found = records.get(database(), g.tenant, str(UUID(identifier)))
    except ValueError:
        found = records.by_number(database(), g.tenant, identifier)
    if found is None:
        abort(answers.not_found())
    return found


def _parse_elements(plural: str = "Contacts") -> list[Json]:
    """Parse the body: a bare object, a list, or {"Contacts": […]}; 400 for anything else."""
    body: Any = bodies.parse(request)
    if isinstance(body, dict):
        body = body.get(plural, [body])
    if not isinstance(body, list) or not body or not all(isinstance(element, dict) for element in body):
        abort(answers.bad_request(answers.UNREADABLE, "The request body could not be read"))
    g.elements = body
    return body


def _write(elements: list[Json], *, create: bool) -> Response:
    with store.transaction(database()):
        known = idempotency.find_answer(database(), request, now())
        if known is not None:
            return known
        try:
            outcomes = writing.write_contacts(database(), g.tenant, elements, create=create, now=now())
        except writing.UnknownContact:
            response = answers.not_found()
        except rules.MalformedElement as error:
            response = answers.bad_request(answers.UNREADABLE, f"{error} could not be read")
        else:
            response = _write_answer(outcomes)
        idempotency.store_answer(database(), request, response, now())
    return response


def _write_answer(outcomes: list[writing.Outcome]) -> Response:
    """Answer a write: one refused element makes it 400, unless summarizeErrors=false asks for 200."""
    with_status = request.args.get("summarizeErrors", "true").lower() == "false"
    bad = [outcome.as_element(with_status=False) for outcome in outcomes if outcome.messages]
    if bad and not with_status:
        return answers.bad_request(answers.VALIDATION, VALIDATION_MESSAGE, bad)
    return answers.envelope("Contacts", [outcome.as_element(with_status=with_status) for outcome in outcomes], now())
