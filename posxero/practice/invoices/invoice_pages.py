"""The invoice pages of Xero's web application."""

from decimal import Decimal
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import organisation_settings, rules, store, xero_dates
from posxero.practice.folding import fold
from posxero.practice.invoices import (
    amounts,
    contact_matching,
    credit_records,
    invoice_records,
    parsing,
    settlement,
    writing,
)
from posxero.practice.invoices.models import AUTHORISED, Invoice
from posxero.practice.invoices.settlement import Settlement, SettlementRefused
from posxero.practice.organisations import TIME_ZONE, Organisation
from posxero.practice.pages import organisation_or_404
from posxero.practice.state import database, now

PAGE_SIZE = 50  # invoices on a page
EXCESS = amounts.CENT * 1000  # by how much “Overpay by 10.00” pays more than is due
SELECT_INVOICES = """
SELECT record FROM invoice WHERE tenant_id = ? AND instr(search, ?) > 0
ORDER BY issued DESC, number DESC LIMIT ? OFFSET ?
"""
MESSAGES = {
    "pay": "Payment recorded in Xero.",
    "credit": "Credited in Xero.",
    "allocate": "Credit applied in Xero.",
    "unpay": "Payment removed in Xero.",
    "void": "Voided in Xero.",
    "approve": "Approved in Xero.",
}

bp = Blueprint("invoice_pages", __name__)


@bp.get("/invoices")
def index() -> ResponseReturnValue:
    """List an organisation's invoices, newest first, found by a part of number or reference."""
    listed = organisation_settings.list_organisations(database())
    organisation = organisation_or_404(request.args.get("org", listed[0].short_code))
    search = request.args.get("q", "").strip()
    page = max(request.args.get("page", 1, type=int), 1)
    values = (organisation.tenant_id, fold(search), PAGE_SIZE + 1, (page - 1) * PAGE_SIZE)
    found = [invoice_records.parse_record(row["record"]) for row in database().execute(SELECT_INVOICES, values)]
    return render_template(
        "invoices.html",
        organisation=organisation,
        organisations=listed,
        invoices=found[:PAGE_SIZE],
        contacts={each.contact_id: _contact_name(organisation, each) for each in found[:PAGE_SIZE]},
        more=len(found) > PAGE_SIZE,
        q=search,
        page=page,
    )


@bp.get("/app/<short_code>/invoicing/view/<uuid:invoice_id>")
def show(short_code: str, invoice_id: UUID) -> ResponseReturnValue:
    """Show an invoice: what View on Xero opens."""
    organisation, invoice = _invoice_or_404(short_code, invoice_id)
    return render_template(
        "invoice.html",
        organisation=organisation,
        invoice=invoice,
        contact_name=_contact_name(organisation, invoice),
        today=xero_dates.date_in(TIME_ZONE, now()),
        credits=credit_records.remaining_of_contact(database(), organisation.tenant_id, invoice.contact_id),
        excess=EXCESS,
    )


@bp.post("/app/<short_code>/invoicing/view/<uuid:invoice_id>/<any(pay, credit, allocate, unpay, void, approve):action>")
def act(short_code: str, invoice_id: UUID, action: str) -> ResponseReturnValue:
    """Record a payment, credit, apply credit, remove a payment, void or approve."""
    organisation, invoice = _invoice_or_404(short_code, invoice_id)
    message = MESSAGES[action]
    try:
        with store.transaction(database()):
            if action in {"void", "approve"}:
                _change_status(organisation, invoice, "VOIDED" if action == "void" else AUTHORISED)
            else:
                _settle(organisation, invoice, action)
    except SettlementRefused as refusal:
        message = str(refusal)
    except rules.MalformedElement as error:
        message = f"The {str(error).lower()} isn't valid."
    flash(message)
    return redirect(url_for(".show", short_code=short_code, invoice_id=invoice_id), 303)


def _change_status(organisation: Organisation, invoice: Invoice, status: str) -> None:
    context = writing.WriteContext(database(), organisation.tenant_id, now(), is_by_api=False)
    outcome = writing.write_invoice(context, {"InvoiceID": invoice.invoice_id, "Status": status}, create=False)
    if outcome.messages:
        raise SettlementRefused(" ".join(outcome.messages))


def _settle(organisation: Organisation, invoice: Invoice, action: str) -> None:
    context = Settlement(database(), organisation.tenant_id, now(), parsing.calendar_date(request.form, "date"))
    reference = request.form.get("reference", "").strip()
    if action == "pay":
        settlement.pay(context, invoice, _amount(invoice), reference)
    elif action == "credit":
        settlement.credit(context, invoice, _amount(invoice), reference)
    elif action == "unpay":
        settlement.remove_payment(context, invoice, request.form.get("payment", ""))
    else:
        credit = credit_records.get(database(), organisation.tenant_id, request.form.get("credit", ""))
        if credit is None:
            abort(404)
        settlement.allocate(context, credit, invoice, min(credit.remaining, invoice.amount_due))


def _amount(invoice: Invoice) -> Decimal:
    """Return the amount of the button that was pressed, else what was typed."""
    due = invoice.amount_due
    shares = {"all": due, "half": amounts.round_cents(due / 2), "over": due + EXCESS}
    share = request.form.get("share", "")
    if share in shares:
        return shares[share]
    typed = parsing.number(request.form, "amount")
    if typed is None:
        raise rules.MalformedElement("amount")
    return amounts.round_cents(typed)


def _contact_name(organisation: Organisation, invoice: Invoice) -> str:
    contact = contact_matching.get(database(), organisation.tenant_id, invoice.contact_id)
    return str(contact.get("Name", ""))


def _invoice_or_404(short_code: str, invoice_id: UUID) -> tuple[Organisation, Invoice]:
    organisation = organisation_or_404(short_code)
    found = invoice_records.get(database(), organisation.tenant_id, str(invoice_id))
    if found is None:
        abort(404)
    return organisation, found
