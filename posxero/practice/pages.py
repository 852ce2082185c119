"""The contact pages of Xero's web application."""

from collections.abc import Iterable
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from posxero.practice import contact_form, contact_sections, organisation_settings, records, store, writing, xero_dates
from posxero.practice.folding import fold
from posxero.practice.invoices import balances, credit_records, invoice_records
from posxero.practice.organisations import Organisation
from posxero.practice.shapes import Json
from posxero.practice.state import database, now

PAGE_SIZE = 50  # contacts on a page

bp = Blueprint("pages", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the organisations."""
    rows = database().execute("SELECT tenant_id FROM connection")
    connected = {row["tenant_id"] for row in rows}
    listed = organisation_settings.list_organisations(database())
    counts = {each.tenant_id: records.count(database(), each.tenant_id) for each in listed}
    return render_template("home.html", organisations=listed, counts=counts, connected=connected)


@bp.get("/contacts")
def index() -> ResponseReturnValue:
    """List an organisation's contacts, archived ones too, found by a part of name, email or number."""
    listed = organisation_settings.list_organisations(database())
    organisation = organisation_or_404(request.args.get("org", listed[0].short_code))
    search = request.args.get("q", "").strip()
    page = max(request.args.get("page", 1, type=int), 1)
    values = (organisation.tenant_id, fold(search), PAGE_SIZE + 1, (page - 1) * PAGE_SIZE)
    statement = (
        "SELECT record FROM contact WHERE tenant_id = ? AND instr(search, ?) > 0"
        " ORDER BY name, contact_id LIMIT ? OFFSET ?"
    )
    found = [contact_sections.parse_record(row["record"]) for row in database().execute(statement, values)]
    return render_template(
        "contacts.html",
        organisation=organisation,
        organisations=listed,
        contacts=found[:PAGE_SIZE],
        more=len(found) > PAGE_SIZE,
        q=search,
        page=page,
    )


@bp.get("/app/<short_code>/contacts/contact/<uuid:contact_id>")
def show(short_code: str, contact_id: UUID) -> ResponseReturnValue:
    """Show all that Xero holds of a contact: what View on Xero opens."""
    organisation, record = contact_or_404(short_code, contact_id)
    tenant = organisation.tenant_id
    (record,) = balances.with_balances(database(), tenant, [record], now())
    return render_template(
        "contact.html",
        organisation=organisation,
        contact=record,
        sections=contact_sections.sections(record),
        invoices=invoice_records.of_contact(database(), tenant, record["ContactID"]),
        credits=credit_records.remaining_of_contact(database(), tenant, record["ContactID"]),
        history=records.list_history(database(), record["ContactID"]),
        at=xero_dates.format_for_page,
    )


@bp.route("/app/<short_code>/contacts/contact/<uuid:contact_id>/edit", methods=["GET", "POST"])
def edit(short_code: str, contact_id: UUID) -> ResponseReturnValue:
    """Edit a contact on Xero's side."""
    organisation, record = contact_or_404(short_code, contact_id)
    if request.method == "GET":
        return _render_edit(organisation, record, contact_form.form_values(record), [])
    element, page_fields, messages = contact_form.parse_form(request.form, record)
    if not messages:
        with store.transaction(database()):
            messages = writing.edit_contact(
                database(), organisation.tenant_id, record | page_fields, element, now=now()
            )
    if messages:
        return _render_edit(
            organisation, record, contact_form.form_values(record) | request.form.to_dict(), messages
        ), 422
    flash("Saved in Xero.")
    return redirect(url_for(".show", short_code=short_code, contact_id=contact_id), 303)


def _render_edit(organisation: Organisation, record: Json, values: dict[str, str], messages: Iterable[str]) -> str:
    return render_template(
        "edit.html",
        organisation=organisation,
        contact=record,
        values=values,
        groups=contact_form.GROUPS,
        messages=messages,
    )


def organisation_or_404(short_code: str) -> Organisation:
    """Return an organisation."""
    found = organisation_settings.find(database(), short_code=short_code)
    if found is None:
        abort(404)
    return found


def contact_or_404(short_code: str, contact_id: UUID) -> tuple[Organisation, Json]:
    """Return an organisation and one of its contacts."""
    organisation = organisation_or_404(short_code)
    record = records.get(database(), organisation.tenant_id, str(contact_id))
    if record is None:
        abort(404)
    return organisation, record
