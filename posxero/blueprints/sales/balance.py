"""What a customer owes: why Xero says otherwise, and a statement to print."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue

from posxero.blueprints.sales import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.field_rules import parse_date
from posxero.services.contacts import contacts
from posxero.services.sales import balances
from posxero.services.sales.receivables import explanation, statement
from posxero.services.sales.terms import load_settings
from posxero.web.htmx import render, request
from posxero.web.request_time import shop_today
from posxero.web.sign_in import allowed
from posxero.web.sync_status import connection_status

PERIOD: Final = timedelta(days=90)  # of a statement, unless another one is chosen


@bp.get("/customers/<uuid:contact_id>/balance")
@allowed(Right.READ)
def balance(contact_id: UUID) -> ResponseReturnValue:
    """Explain why Xero says that a customer owes another amount."""
    tenant_id = connection_status().tenant_id
    contact, link = contacts.with_link(db.session, g.business.id, contact_id, tenant_id)
    settings = load_settings(db.session, g.business.id)
    account = balances.load_account(db.session, contact, settings.default_limit if settings else None)
    explained = explanation.load(db.session, contact, link)
    return render("sales/balance.html", contact=contact, link=link, account=account, explained=explained)


@bp.get("/customers/<uuid:contact_id>/statement")
@allowed(Right.READ)
def customer_statement(contact_id: UUID) -> ResponseReturnValue:
    """Show a statement of a period, to be printed."""
    contact = contacts.get(db.session, g.business.id, contact_id)
    since, until = _period()
    found = statement.load(db.session, g.business.id, contact_id, since, until)
    return render("sales/statement.html", contact=contact, statement=found)


def _period() -> tuple[date, date]:
    """Return the period that was asked for; one that ends before it begins is one day."""
    until = parse_date(request.args.get("until", "")) or shop_today()
    since = parse_date(request.args.get("since", "")) or until - min(PERIOD, until - date.min)
    return min(since, until), until
