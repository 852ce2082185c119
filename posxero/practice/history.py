"""The history of a contact: GET lists it, PUT adds notes."""

from flask import Blueprint, Response, request

from posxero.practice import answers, idempotency, middleware, records, resources, rules, xero_dates
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

bp = Blueprint("history", __name__, url_prefix="/api.xro/2.0/Contacts/<identifier>/History")
middleware.register(bp)


@bp.get("")
def index(identifier: str) -> Response:
    """List the history of a contact, newest first."""
    contact = resources.contact_or_404(identifier)
    lines = [
        {
            "Changes": row["changes"],
            "DateUTCString": xero_dates.format_iso(row["at"]),
            "DateUTC": xero_dates.format_with_offset(row["at"]),
            "User": row["user"],
            "Details": row["details"],
        }
        for row in records.list_history(database(), contact["ContactID"])
    ]
    return answers.envelope("HistoryRecords", lines, now())


@bp.put("")
def add(identifier: str) -> Response:
    """Add notes to the history of a contact: all of them, or none if one is refused."""
    contact = resources.contact_or_404(identifier)
    elements = resources.parse_elements("HistoryRecords")
    return idempotency.run_once(database(), request, now(), lambda: _add_notes(contact["ContactID"], elements))


def _add_notes(contact_id: str, elements: list[Json]) -> Response:
    notes = [element.get("Details") or "" for element in elements]
    if not all(isinstance(note, str) for note in notes):
        return answers.bad_request(answers.UNREADABLE, "Details could not be read")
    refused = [_element(note, error) for note in notes if (error := rules.validate_note(note))]
    if refused:
        return answers.bad_request(answers.VALIDATION, answers.VALIDATION_MESSAGE, refused)
    at = now()
    for note in notes:
        records.add_history(database(), contact_id, at=at, changes="Note", user=records.SYSTEM_USER, details=note)
    dates = {"DateUTCString": xero_dates.format_iso(at), "DateUTC": xero_dates.format_without_offset(at)}
    return answers.envelope("HistoryRecords", [dates | _element(note) for note in notes], at)


def _element(note: str, error: str = "") -> Json:
    return {"Details": note, "ValidationErrors": [{"Message": error}] if error else []}
