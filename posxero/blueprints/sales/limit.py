"""The limit of one customer: up to what staff may charge to the account."""

from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.db.contact import Contact
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts import contacts
from posxero.services.sales import balances, settings
from posxero.services.sales.errors import InvalidSalesSettings
from posxero.services.sales.terms import load_settings
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.money import typed_amount, writes_decimal_comma
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.route("/customers/<uuid:contact_id>/limit", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def limit(contact_id: UUID) -> ResponseReturnValue:
    """Show or change the limit."""
    contact = contacts.get(db.session, g.business.id, contact_id)
    if request.method == "GET":
        return _form(contact, typed_amount(contact.credit_limit))
    typed = request.form.get("credit_limit", "")
    comma, by, now = writes_decimal_comma(g.business.country), current_user.name, request_time()
    try:
        settings.set_credit_limit(db.session, g.business, contact_id, typed, decimal_comma=comma, by=by, now=now)
    except InvalidSalesSettings as refusal:
        return _form(contact, typed, refusal.errors["credit_limit"])
    toast("Limit saved.")
    return go_to(url_for("customers.show", contact_id=contact_id))


def _form(contact: Contact, typed: str, error: str = "") -> Response:
    chosen = load_settings(db.session, g.business.id)
    default = chosen.default_limit if chosen else None
    return render(
        "sales/limit.html",
        status=422 if error else 200,
        contact=contact,
        typed=typed,
        error=error,
        default=default,
        owes=balances.owes(db.session, g.business.id, contact.id),
    )
