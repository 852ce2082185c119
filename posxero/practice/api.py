"""The Accounting API, /api.xro/2.0: contacts."""

import json

from flask import Blueprint, Response, g, request

from posxero.practice import (
    answers,
    idempotency,
    middleware,
    query,
    records,
    resources,
    rules,
    shapes,
    writing,
)
from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.invoices import balances
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

bp = Blueprint("api", __name__, url_prefix="/api.xro/2.0")
middleware.register(bp)


@bp.get("/Contacts")
def list_contacts() -> Response:
    """List contacts by page, order, filter, search term and If-Modified-Since."""
    parameters = request.args.to_dict()
    try:
        found = query.find_contacts(database(), g.tenant, parameters, request.headers.get("If-Modified-Since", ""))
    except InvalidQuery as error:
        return answers.bad_request(answers.QUERY, str(error))
    summary = parameters.get("summaryOnly", "").lower() == "true"
    contacts = [json.loads(record) for record, _ in found.records]
    if found.number:
        contacts = balances.with_balances(database(), g.tenant, contacts, now())
    elements = [
        shapes.contact_for_read(contact, detailed=found.number > 0, by_api=by_api, summary=summary)
        for contact, (_, by_api) in zip(contacts, found.records, strict=True)
    ]
    pagination = {"page": found.number, "pageSize": found.size, "pageCount": found.pages, "itemCount": found.count}
    return answers.envelope("Contacts", elements, now(), pagination if found.number else None)


@bp.get("/Contacts/<identifier>")
def show_contact(identifier: str) -> Response:
    """Show one contact, archived or not, by its ContactID or ContactNumber."""
    found = resources.contact_or_404(identifier)
    by_api = records.is_written_by_api(database(), found["ContactID"])
    (contact,) = balances.with_balances(database(), g.tenant, [found], now())
    element = shapes.contact_for_read(contact, detailed=True, by_api=by_api) | {"Attachments": []}
    return answers.envelope("Contacts", [element], now())


@bp.put("/Contacts")
def create_contacts() -> Response:
    """Create contacts; one that exists is refused."""
    return _write(resources.parse_elements(), create=True)


@bp.post("/Contacts")
def create_or_update_contacts() -> Response:
    """Create or update contacts."""
    return _write(resources.parse_elements(), create=False)


@bp.post("/Contacts/<identifier>")
def update_contact(identifier: str) -> Response:
    """Update one contact."""
    found = resources.contact_or_404(identifier)
    elements = resources.parse_elements()
    if len(elements) != 1:
        return answers.bad_request(answers.UNREADABLE, "Exactly one contact must be sent")
    return _write([elements[0] | {"ContactID": found["ContactID"]}], create=False)


@bp.route("/", defaults={"anything": ""}, methods=["GET", "PUT", "POST", "DELETE"])
@bp.route("/<path:anything>", methods=["GET", "PUT", "POST", "DELETE"])
def unknown_path(anything: str) -> Response:  # noqa: ARG001 - the route's argument
    """Answer every other path as Xero does."""
    return answers.not_found()


def _write(elements: list[Json], *, create: bool) -> Response:
    return idempotency.run_once(database(), request, now(), lambda: _write_contacts(elements, create=create))


def _write_contacts(elements: list[Json], *, create: bool) -> Response:
    try:
        outcomes = writing.write_contacts(database(), g.tenant, elements, create=create, now=now())
    except writing.UnknownContact:
        return answers.not_found()
    except rules.MalformedElement as error:
        return answers.bad_request(answers.UNREADABLE, f"{error} could not be read")
    is_summarized = resources.is_summarized()
    return answers.write_answer("Contacts", outcomes, is_summarized=is_summarized, now=now())
