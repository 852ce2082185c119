"""One contact: details, badge, what Xero has, history."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, list_query
from posxero.blueprints.customers.contact_page import MAX_POLLS, ContactPage
from posxero.blueprints.customers.history import entry_context
from posxero.blueprints.customers.message import Message
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.contacts import contacts, merged
from posxero.services.contacts.history import entries
from posxero.services.errors import Erased
from posxero.services.sales import balances
from posxero.services.sales.receivables.explanation import load_outstanding
from posxero.web.htmx import go_to, render, request
from posxero.web.numbers import parse_int
from posxero.web.request_time import shop_today
from posxero.web.sign_in import allowed


@bp.get("/<uuid:contact_id>")
@allowed(Right.READ)
def show(contact_id: UUID) -> ResponseReturnValue:
    """Show a contact."""
    try:
        contact_page = ContactPage.of(contact_id)
    except Erased:
        return _erased(contact_id)
    block = {f"customer-{contact_id}": "customer"}
    said = Message.announced(contact_page)
    return _page("customers/show.html", contact_page, block, polls=0, message=said, **_account(contact_page))


@bp.get("/<uuid:contact_id>/status")
@allowed(Right.READ, polls=True)
def status(contact_id: UUID) -> ResponseReturnValue:
    """Answer the badge, which asks again while it waits; then the history comes with it."""
    if not request.htmx.partial:
        return go_to(url_for(".show", contact_id=contact_id))
    polls = min(parse_int(request.args.get("polls"), MAX_POLLS), MAX_POLLS)
    return _page("customers/status.html", ContactPage.of(contact_id), "status", polls=polls)


def _erased(contact_id: UUID) -> ResponseReturnValue:
    """Show what is left of a contact whose details were erased."""
    contact, asked = contacts.get(db.session, g.business.id, contact_id), list_query.from_request()
    found = entries.latest(db.session, g.business.id, contact_id)
    context = entry_context(found, is_erased=True)
    back = list_query.url_of(asked, page=asked.page)
    return render("customers/erased.html", kind=asked.kind, contact=contact, back=back, **context)


def _page(
    template: str, contact_page: ContactPage, block: str | dict[str, str], *, polls: int, **context: Any
) -> ResponseReturnValue:
    asked, contact = list_query.from_request(), contact_page.contact
    names = merged.names_of(db.session, contact)
    return render(
        template,
        block=block,
        kind=asked.kind,
        back=list_query.url_of(asked, page=asked.page),
        contact_page=contact_page,
        **context,
        **entry_context(entries.latest(db.session, g.business.id, contact.id, merged=names), names=names),
        polls=polls,
        polls_max=MAX_POLLS,
    )


def _account(contact_page: ContactPage) -> dict[str, Any]:
    """Return what a customer owes here and in Xero, for the template; nothing of somebody who is a supplier only."""
    contact = contact_page.contact
    if not contact.is_customer:
        return {"account": None}
    account = balances.load_account_on(db.session, contact, shop_today())
    return {"account": account, "outstanding": load_outstanding(db.session, contact, contact_page.link)}
