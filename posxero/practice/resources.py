"""What a call of the Accounting API names in its path and sends in its body."""

from typing import Any
from uuid import UUID

from flask import abort, g, request

from posxero.practice import answers, bodies, records
from posxero.practice.shapes import Json
from posxero.practice.state import database


def contact_or_404(identifier: str) -> Json:
    """Return the contact with a ContactID or ContactNumber, archived or not."""
    try:
        found = records.get(database(), g.tenant, str(UUID(identifier)))
    except ValueError:
        found = records.by_number(database(), g.tenant, identifier)
    if found is None:
        abort(answers.not_found())
    return found


def parse_elements(plural: str = "Contacts") -> list[Json]:
    """Parse the body: a bare object, a list, or {"Contacts": […]}; 400 for anything else."""
    body: Any = bodies.parse(request)
    if isinstance(body, dict):
        body = body.get(plural, [body])
    if not isinstance(body, list) or not body or not all(isinstance(element, dict) for element in body):
        abort(answers.bad_request(answers.UNREADABLE, "The request body could not be read"))
    g.elements = body
    return body


def is_summarized() -> bool:
    """Return whether one refused element makes the answer 400: unless summarizeErrors=false asks for 200."""
    return request.args.get("summarizeErrors", "true").lower() != "false"
