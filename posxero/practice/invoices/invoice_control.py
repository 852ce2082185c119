"""JSON for tests: invoices, payments and credit, as a user changes them in Xero.

Answers show an invoice as GET /Invoices/{InvoiceID} does; 409 with the errors if Xero refuses a change. The paths are
under /practice:
  GET  organisations/<tenant>/invoices  every invoice, by number
  POST organisations/<tenant>/invoices  add one: an element of PUT /Invoices. By default it is AUTHORISED, Inclusive and
                                        due in 20 days; {"amount": …} is one line of it
  GET  invoices/<id>
  POST invoices/<id>                    change it: an element of POST /Invoices, {"Status": "VOIDED"}
  POST invoices/<id>/pay                {"amount", "date", "reference"}: by default all that is due; more overpays it
  POST invoices/<id>/unpay              {"payment": …}: remove a payment
  POST invoices/<id>/credit             {"amount", "date"}: by a credit note; what exceeds the amount due remains
  POST contacts/<id>/credits            {"amount", "kind"}: for no invoice; the kind is CreditNote or Overpayment
  POST credits/<id>/allocate            {"invoice", "amount"}
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, request

from posxero.practice import answers, records, rules, store, xero_dates
from posxero.practice.invoices import (
    contact_matching,
    credit_records,
    credit_shapes,
    invoice_records,
    invoice_shapes,
    parsing,
    settlement,
    writing,
)
from posxero.practice.invoices.models import OVERPAYMENT, Credit, Invoice
from posxero.practice.invoices.settlement import Settlement, SettlementRefused
from posxero.practice.organisations import ORGANISATIONS, TIME_ZONE, by_tenant
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

DUE_AFTER = timedelta(days=20)

bp = Blueprint("invoice_control", __name__, url_prefix="/practice")


@bp.get("/organisations/<tenant>/invoices")
def list_invoices(tenant: str) -> Response:
    """List an organisation's invoices."""
    statement = "SELECT record FROM invoice WHERE tenant_id = ? ORDER BY number"
    found = [invoice_records.parse_record(row["record"]) for row in database().execute(statement, (tenant,))]
    return answers.json_answer([_element(tenant, invoice) for invoice in found])


@bp.post("/organisations/<tenant>/invoices")
def add_invoice(tenant: str) -> Response:
    """Add an invoice as a user does in Xero."""
    if by_tenant(tenant) is None:
        abort(404)
    today = xero_dates.date_in(TIME_ZONE, now())
    sent = {"Status": "AUTHORISED", "LineAmountTypes": "Inclusive", "DueDate": str(today + DUE_AFTER)} | _body()
    if "amount" in sent:
        amount = str(sent.pop("amount"))
        sent["LineItems"] = [{"Description": "Goods", "UnitAmount": amount, "AccountCode": "200"}]
    return _write(tenant, sent, create=True)


@bp.get("/invoices/<invoice_id>")
def show_invoice(invoice_id: str) -> Response:
    """Show an invoice."""
    tenant, invoice = _invoice_or_404(invoice_id)
    return answers.json_answer(_element(tenant, invoice))


@bp.post("/invoices/<invoice_id>")
def change_invoice(invoice_id: str) -> Response:
    """Change an invoice as a user does in Xero."""
    tenant, invoice = _invoice_or_404(invoice_id)
    return _write(tenant, _body() | {"InvoiceID": invoice.invoice_id}, create=False)


@bp.post("/invoices/<invoice_id>/<any(pay, unpay, credit):action>")
def settle(invoice_id: str, action: str) -> Response:
    """Record or remove a payment, or credit an invoice."""
    tenant, invoice = _invoice_or_404(invoice_id)
    body, context = _body(), _settlement(tenant)
    amount = parsing.number(body, "amount") or invoice.amount_due
    reference = str(body.get("reference", ""))
    with store.transaction(database()):
        if action == "pay":
            settlement.pay(context, invoice, amount, reference)
        elif action == "unpay":
            settlement.remove_payment(context, invoice, str(body.get("payment", "")))
        else:
            settlement.credit(context, invoice, amount, reference)
    return show_invoice(invoice_id)


@bp.post("/contacts/<contact_id>/credits")
def add_credit(contact_id: str) -> Response:
    """Add credit to a contact, applied to no invoice."""
    found = (each.tenant_id for each in ORGANISATIONS if records.get(database(), each.tenant_id, contact_id))
    tenant = next(found, None)
    if tenant is None:
        abort(404)
    body = _body()
    amount = parsing.number(body, "amount") or Decimal(0)
    with store.transaction(database()):
        made = settlement.add_credit(_settlement(tenant), contact_id, amount, str(body.get("kind", OVERPAYMENT)))
    return answers.json_answer(_credit_element(tenant, made))


@bp.post("/credits/<credit_id>/allocate")
def allocate(credit_id: str) -> Response:
    """Apply remaining credit to an invoice."""
    found = ((each.tenant_id, credit_records.get(database(), each.tenant_id, credit_id)) for each in ORGANISATIONS)
    tenant, credit = next(((tenant, credit) for tenant, credit in found if credit), ("", None))
    if credit is None:
        abort(404)
    body, context = _body(), _settlement(tenant)
    with store.transaction(database()):
        invoice = settlement.invoice_of(context, str(body.get("invoice", "")))
        amount = parsing.number(body, "amount") or min(credit.remaining, invoice.amount_due)
        changed = settlement.allocate(context, credit, invoice, amount)
    return answers.json_answer(_credit_element(tenant, changed))


@bp.errorhandler(SettlementRefused)
def refuse_settlement(refusal: SettlementRefused) -> Response:
    """Answer 409 with the error."""
    return answers.json_answer({"errors": [str(refusal)]}, 409)


@bp.errorhandler(rules.MalformedElement)
def refuse_body(error: Exception) -> Response:
    """Answer 400 to a body that cannot be read."""
    return answers.json_answer({"errors": [str(error)]}, 400)


def _write(tenant: str, sent: Json, *, create: bool) -> Response:
    context = writing.WriteContext(database(), tenant, now(), is_by_api=False)
    with store.transaction(database()):
        outcome = writing.write_invoice(context, sent, create=create)
    if outcome.messages or outcome.invoice is None:
        return answers.json_answer({"errors": outcome.messages}, 409)
    return answers.json_answer(_element(tenant, outcome.invoice))


def _settlement(tenant: str) -> Settlement:
    day = parsing.calendar_date(_body(), "date")
    return Settlement(database(), tenant, now(), day)


def _element(tenant: str, invoice: Invoice) -> Json:
    return invoice_shapes.invoice_by_id(invoice, contact_matching.get(database(), tenant, invoice.contact_id))


def _credit_element(tenant: str, credit: Credit) -> Json:
    contact = contact_matching.get(database(), tenant, credit.contact_id)
    return credit_shapes.credit_element(credit, contact, has_lines=True)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _invoice_or_404(invoice_id: str) -> tuple[str, Invoice]:
    found = ((each.tenant_id, invoice_records.get(database(), each.tenant_id, invoice_id)) for each in ORGANISATIONS)
    tenant, invoice = next(((tenant, invoice) for tenant, invoice in found if invoice), ("", None))
    if invoice is None:
        abort(404)
    return tenant, invoice
