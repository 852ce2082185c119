"""Charging a sale to a customer's account."""

from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers.contact_page import ContactPage
from posxero.blueprints.sales import bp
from posxero.blueprints.sales.another_customer import CONTINUE, choose_another
from posxero.blueprints.sales.sale_form import ADD_LINE, SaleProblems, Total, TypedSale, charge_context, typed_lines
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.contacts import contacts
from posxero.services.contacts.emptied_fields import WouldEmpty
from posxero.services.errors import Erased, Merged
from posxero.services.sales.charge import charge
from posxero.services.sales.errors import AlreadyCharged, ArchivedCustomer, InvalidSale, MissingSettings, OverLimit
from posxero.services.sales.terms import load_terms
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.money import money
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status


@bp.route("/customers/<uuid:contact_id>/sales/new", methods=["GET", "POST"])
@allowed(Right.EDIT)
def new(contact_id: UUID) -> ResponseReturnValue:
    """Show the form, add a line to it, or charge the sale."""
    if request.method == "POST":
        return _submit(contact_id, TypedSale.submitted())
    contact_page = ContactPage.of(contact_id)
    try:
        terms = load_terms(db.session, g.business, connection_status())
    except MissingSettings as missing:
        return render("sales/missing_settings.html", contact_page=contact_page, missing=missing)
    return _form(contact_page, TypedSale.opened(terms))


@bp.get("/customers/<uuid:contact_id>/sales/total")
@allowed(Right.EDIT)
def total(contact_id: UUID) -> ResponseReturnValue:
    """Answer what the lines come to as they are typed."""
    if not request.htmx.partial:
        return go_to(url_for(".new", contact_id=contact_id))
    contact = contacts.get(db.session, g.business.id, contact_id)
    found = Total.of(typed_lines(request.args), contact)
    return render("sales/total.html", block="total", total=found, contact_id=contact_id)


@bp.get("/customers/<uuid:contact_id>/sales/due-date")
@allowed(Right.EDIT)
def due_date(contact_id: UUID) -> ResponseReturnValue:
    """Answer the due date when the date of the sale changes."""
    if not request.htmx.partial:
        return go_to(url_for(".new", contact_id=contact_id))
    try:
        contacts.get(db.session, g.business.id, contact_id)
        typed = TypedSale.redated(load_terms(db.session, g.business, connection_status()))
    except (MissingSettings, Erased, Merged):  # charging says so, and keeps what was typed
        return "", 204
    return render("sales/due_date.html", block="due", typed=typed, problems=SaleProblems(), contact_id=contact_id)


def _submit(contact_id: UUID, typed: TypedSale) -> ResponseReturnValue:
    """Add a line, continue with another customer, or charge; a customer who went away meanwhile loses nothing typed."""
    try:
        if ADD_LINE in request.form or CONTINUE in request.form:
            return _form(ContactPage.of(contact_id), typed, is_dirty=True)
        return _charge(contact_id, typed)
    except (Erased, Merged, ArchivedCustomer) as refusal:
        return choose_another(contact_id, typed, refusal)


def _charge(contact_id: UUID, typed: TypedSale) -> ResponseReturnValue:
    form, jobs = typed.for_service(), current_ports().jobs
    try:
        sale, customer = charge(
            db.session, g.business, contact_id, form, charge_context(), now=request_time(), jobs=jobs
        )
    except (InvalidSale, MissingSettings, OverLimit, AlreadyCharged, WouldEmpty) as refusal:
        again = typed.as_another() if isinstance(refusal, AlreadyCharged) else typed
        contact_page = ContactPage.of(contact_id)
        return _form(contact_page, again, problems=SaleProblems.of(refusal, contact_page.contact), is_dirty=True)
    toast(f"{money(sale.total, sale.currency)} charged to {customer.name}.")
    return go_to(url_for(".show", sale_id=sale.id))


def _form(
    contact_page: ContactPage,
    typed: TypedSale,
    *,
    problems: SaleProblems | None = None,
    is_dirty: bool = False,
) -> Response:
    return render(
        "sales/new.html",
        block={"sale-new": "form"},
        status=422 if problems else 200,
        contact_page=contact_page,
        contact_id=contact_page.contact.id,
        typed=typed,
        problems=problems or SaleProblems(),
        total=Total.of(typed.lines, contact_page.contact),
        is_dirty=is_dirty,
    )
