"""The Accounting API's payments, credit notes and overpayments, which Practice Xero only reads."""

from flask import Blueprint, Response, abort, g, request

from posxero.practice import answers, chart, middleware, query, reference
from posxero.practice.columns import Columns, json_columns
from posxero.practice.filter_tokens import InvalidQuery
from posxero.practice.invoices import contact_matching, credit_records, credit_shapes, invoice_records
from posxero.practice.invoices.models import CREDIT_NOTE, OVERPAYMENT
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

PAYMENT_COLUMNS = json_columns(
    "Payment",
    "value",
    {
        "Guid": ("PaymentID", "Invoice.InvoiceID", "Invoice.Contact.ContactID", "Account.AccountID"),
        "String": ("Reference", "Status", "PaymentType", "Invoice.InvoiceNumber", "Account.Code"),
        "Number": ("Amount",),
        "DateTime": ("Date", "UpdatedDateUTC"),
        "Boolean": ("IsReconciled",),
    },
)
CREDIT_COLUMNS = json_columns(
    "CreditNote",
    "value",
    {
        "Guid": ("CreditNoteID", "OverpaymentID", "Contact.ContactID"),
        "String": ("CreditNoteNumber", "Reference", "Status", "Type", "Contact.Name"),
        "Number": ("Total", "RemainingCredit"),
        "DateTime": ("Date", "UpdatedDateUTC"),
    },
)
SELECT_PAID = """
SELECT invoice.record AS record FROM invoice WHERE tenant_id = ? AND json_array_length(record, '$.payments') > 0
ORDER BY updated, invoice_id
"""

bp = Blueprint("settlement", __name__, url_prefix="/api.xro/2.0")
middleware.register(bp)


@bp.get("/Payments")
def list_payments() -> Response:
    """List the payments of invoices."""
    return _list_answer("Payments", _payments(), PAYMENT_COLUMNS)


@bp.get("/Payments/<payment_id>")
def show_payment(payment_id: str) -> Response:
    """Show one payment."""
    return _one_answer("Payments", [each for each in _payments() if each["PaymentID"] == payment_id.lower()])


@bp.get("/CreditNotes")
def list_credit_notes() -> Response:
    """List the credit notes, with their lines if a page is requested."""
    return _list_answer("CreditNotes", _credits(CREDIT_NOTE, has_lines="page" in request.args), CREDIT_COLUMNS)


@bp.get("/CreditNotes/<identifier>")
def show_credit_note(identifier: str) -> Response:
    """Show one credit note by its CreditNoteID or number."""
    wanted = identifier.lower()
    notes = _credits(CREDIT_NOTE, has_lines=True)
    return _one_answer(
        "CreditNotes", [each for each in notes if wanted in {each["ID"], each["CreditNoteNumber"].lower()}]
    )


@bp.get("/Overpayments")
def list_overpayments() -> Response:
    """List the overpayments, with their lines if a page is requested."""
    return _list_answer("Overpayments", _credits(OVERPAYMENT, has_lines="page" in request.args), CREDIT_COLUMNS)


@bp.get("/Overpayments/<overpayment_id>")
def show_overpayment(overpayment_id: str) -> Response:
    """Show one overpayment."""
    overpayments = _credits(OVERPAYMENT, has_lines=True)
    return _one_answer("Overpayments", [each for each in overpayments if each["ID"] == overpayment_id.lower()])


def _payments() -> list[Json]:
    accounts = {account["Code"]: account for account in chart.accounts(g.tenant)}
    invoices = [invoice_records.parse_record(row["record"]) for row in database().execute(SELECT_PAID, (g.tenant,))]
    return [
        credit_shapes.payment_element(payment, invoice, contact, accounts[payment.account_code])
        for invoice in invoices
        for contact in [contact_matching.get(database(), g.tenant, invoice.contact_id)]
        for payment in invoice.payments
    ]


def _credits(kind: str, *, has_lines: bool) -> list[Json]:
    return [
        credit_shapes.credit_element(
            each, contact_matching.get(database(), g.tenant, each.contact_id), has_lines=has_lines
        )
        for each in credit_records.list_kind(database(), g.tenant, kind)
    ]


def _list_answer(plural: str, elements: list[Json], columns: Columns) -> Response:
    """Return the elements that match where and If-Modified-Since, in the requested order, or a page of them."""
    parameters = request.args.to_dict()
    since = request.headers.get("If-Modified-Since", "")
    try:
        where, order = parameters.get("where", ""), parameters.get("order", "")
        chosen = reference.select_elements(database(), elements, columns, where, order, since)
    except InvalidQuery as error:
        abort(answers.bad_request(answers.QUERY, str(error)))
    number, size = query.page_of(parameters)
    if not number:
        return answers.envelope(plural, chosen, now())
    pagination = {"page": number, "pageSize": size, "pageCount": -(-len(chosen) // size), "itemCount": len(chosen)}
    return answers.envelope(plural, chosen[(number - 1) * size : number * size], now(), pagination)


def _one_answer(plural: str, found: list[Json]) -> Response:
    return answers.envelope(plural, found, now()) if found else answers.not_found()
