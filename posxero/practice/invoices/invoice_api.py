"""The Accounting API's invoices."""

from uuid import UUID

from flask import Blueprint, Response, abort, g, request

from posxero.practice import answers, idempotency, middleware, resources, rules, store
from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.invoices import (
    contact_matching,
    invoice_query,
    invoice_records,
    invoice_shapes,
    writing,
)
from posxero.practice.invoices.models import Invoice
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

FOUR_PLACES, TWO_PLACES = 4, 2

bp = Blueprint("invoices", __name__, url_prefix="/api.xro/2.0/Invoices")
middleware.register(bp)


@bp.get("")
def list_invoices() -> Response:
    """List invoices by page, order, ids, numbers, contacts, statuses, filter and If-Modified-Since."""
    parameters = request.args.to_dict()
    since = request.headers.get("If-Modified-Since", "")
    try:
        found = invoice_query.find_invoices(database(), g.tenant, parameters, since)
    except InvalidQuery as error:
        return answers.bad_request(answers.QUERY, str(error))
    is_summary = parameters.get("summaryOnly", "").lower() == "true"
    elements = [
        invoice_shapes.invoice_for_page(invoice_records.parse_record(record), contact, is_summary=is_summary)
        if found.number
        else invoice_shapes.invoice_in_list(invoice_records.parse_record(record), contact)
        for record, contact in found.records
    ]
    return answers.envelope("Invoices", elements, now(), found.pagination)


@bp.get("/<identifier>")
def show_invoice(identifier: str) -> Response:
    """Show one invoice by its InvoiceID or number, with its whole contact."""
    invoice = _invoice_or_404(identifier)
    contact = contact_matching.get(database(), g.tenant, invoice.contact_id)
    return answers.envelope("Invoices", [invoice_shapes.invoice_by_id(invoice, contact)], now())


@bp.put("")
def create_invoices() -> Response:
    """Create invoices; a number that is taken is refused."""
    return _write(resources.parse_elements("Invoices"), create=True)


@bp.post("")
def create_or_update_invoices() -> Response:
    """Create or update invoices."""
    return _write(resources.parse_elements("Invoices"), create=False)


@bp.post("/<identifier>")
def update_invoice(identifier: str) -> Response:
    """Update one invoice."""
    found = _invoice_or_404(identifier)
    elements = resources.parse_elements("Invoices")
    if len(elements) != 1:
        return answers.bad_request(answers.UNREADABLE, "Exactly one invoice must be sent")
    return _write([elements[0] | {"InvoiceID": found.invoice_id}], create=False)


def _invoice_or_404(identifier: str) -> Invoice:
    try:
        found = invoice_records.get(database(), g.tenant, str(UUID(identifier)))
    except ValueError:
        found = invoice_records.by_number(database(), g.tenant, identifier)
    if found is None:
        abort(answers.not_found())
    return found


def _write(elements: list[Json], *, create: bool) -> Response:
    return idempotency.run_once(database(), request, now(), lambda: _write_invoices(elements, create=create))


def _write_invoices(elements: list[Json], *, create: bool) -> Response:
    """Write invoices; an element that cannot be read undoes those before it."""
    unit_places = FOUR_PLACES if request.args.get("unitdp") == str(FOUR_PLACES) else TWO_PLACES
    context = writing.WriteContext(database(), g.tenant, now(), unit_places)
    try:
        with store.savepoint(database()):
            outcomes = writing.write_invoices(context, elements, create=create)
    except writing.UnknownInvoice:
        return answers.not_found()
    except rules.MalformedElement as error:
        return answers.bad_request(answers.UNREADABLE, f"{error} could not be read")
    return answers.write_answer("Invoices", outcomes, is_summarized=resources.is_summarized(), now=now())
