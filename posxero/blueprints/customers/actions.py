"""What can be done with one contact besides editing it. Each leads back to its page."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp, bulk_change, forms, list_query
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.blueprints.customers.message import announce
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.contacts import archive as archiving
from posxero.services.contacts import send_ours as sending
from posxero.services.contacts.emptied_fields import WouldEmpty
from posxero.services.contacts.lists.bulk_change import BulkAction
from posxero.services.push import retry
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user
from posxero.web.sync_messages import Action


@bp.post("/<uuid:contact_id>/archive")
@allowed(Right.MANAGE)
def archive(contact_id: UUID) -> ResponseReturnValue:
    """Hide a contact here."""
    now = request_time()
    contact = archiving.archive(db.session, g.business.id, contact_id, by=current_user.name, now=now)
    toast(
        f"{contact.name} archived here. Nothing changed in Xero.",
        undo_url=bulk_change.undo_url(BulkAction.ARCHIVE, now),
    )
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/restore")
@allowed(Right.MANAGE)
def restore(contact_id: UUID) -> ResponseReturnValue:
    """Show an archived contact again."""
    now = request_time()
    contact = archiving.restore(db.session, g.business.id, contact_id, by=current_user.name, now=now)
    toast(f"{contact.name} restored.", undo_url=bulk_change.undo_url(BulkAction.RESTORE, now))
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/try-again")
@allowed(Right.EDIT)
def try_again(contact_id: UUID) -> ResponseReturnValue:
    """Push a contact once more."""
    jobs = current_ports().jobs
    retry.try_again(db.session, g.business.id, contact_id, by=current_user.name, now=request_time(), jobs=jobs)
    announce(contact_id, Action.SENT)
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/send-ours")
@allowed(Right.EDIT)
def send_ours(contact_id: UUID) -> ResponseReturnValue:
    """Replace what Xero has with ours; ask first where that would empty something there."""
    choice, jobs = forms.chosen_for_empty_fields(), current_ports().jobs
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": jobs}
    try:
        sending.send_ours(db.session, g.business, contact_id, empty_fields=choice, **who)
    except WouldEmpty as question:
        return _ask_about_empty_fields(contact_id, question)
    announce(contact_id, Action.SENT)
    return _back(contact_id)


def _ask_about_empty_fields(contact_id: UUID, question: WouldEmpty) -> ResponseReturnValue:
    return render(
        "customers/empty_fields.html",
        block={f"customer-{contact_id}": "question"},
        kind=contact_kind(),
        contact_page=ContactPage.of(contact_id),
        fields=question.fields,
    )


def _back(contact_id: UUID) -> ResponseReturnValue:
    """Go back to the contact's page, or to the list from whose row it was done."""
    if "row" in request.form:
        asked = list_query.from_request()
        return go_to(list_query.url_of(asked, page=asked.page))
    return go_to(url_for(".show", contact_id=contact_id), stay=True)
