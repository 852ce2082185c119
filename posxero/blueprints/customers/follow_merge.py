"""A customer whose contact was merged in Xero: linking it to the one that survived, and who keeps that one."""

from typing import Any
from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.push import linking
from posxero.services.push.links import following
from posxero.services.push.links.following import SurvivorTaken, SurvivorUnknown
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.numbers import parse_uuid
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user

NOT_UNLINKED = "Not unlinked: Xero may be adding that contact right now. Try again in a minute."


@bp.route("/<uuid:contact_id>/follow-merge", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def follow_merge(contact_id: UUID) -> ResponseReturnValue:
    """Link a customer to the contact that survived; where another customer has that one, ask which of them keeps it."""
    contact_page = ContactPage.of(contact_id)
    try:
        following.survivor_of(db.session, contact_page.link)
    except SurvivorTaken as conflict:
        return _resolve(contact_page, conflict)
    except SurvivorUnknown:
        return _back(contact_id)
    if request.method == "POST":
        return _follow(contact_id)
    return _back(contact_id)


def _resolve(contact_page: ContactPage, conflict: SurvivorTaken) -> ResponseReturnValue:
    """Unlink the customer that was chosen, and let the other one have the contact; ask where none was chosen."""
    contact_id, given_up = contact_page.contact.id, parse_uuid(request.form.get("unlink"))
    if given_up not in {contact_id, conflict.other.id}:
        if request.method == "POST":
            return go_to(url_for(".follow_merge", contact_id=contact_id))
        return render(
            "customers/merge_conflict.html", kind=contact_kind(), contact_page=contact_page, conflict=conflict
        )
    try:
        linking.unlink(db.session, g.business.id, given_up, by=current_user.name, now=request_time())
    except linking.CreationUnresolved:
        toast(NOT_UNLINKED, "warn")
        return go_to(url_for(".follow_merge", contact_id=contact_id))
    if given_up == contact_id:
        toast(f"{contact_page.contact.name} was unlinked. Nothing changed in Xero.")
        return _back(contact_id)
    return _follow(contact_id)


def _follow(contact_id: UUID) -> ResponseReturnValue:
    who: dict[str, Any] = {"by": current_user.name, "now": request_time(), "jobs": current_ports().jobs}
    try:
        toast(f"Linked to {following.follow(db.session, g.business, contact_id, **who)} in Xero.")
    except SurvivorTaken:  # since the page was drawn
        return go_to(url_for(".follow_merge", contact_id=contact_id))
    except SurvivorUnknown:
        toast("Xero no longer says which contact it was merged into. Try again in a minute.", "warn")
    return _back(contact_id)


def _back(contact_id: UUID) -> ResponseReturnValue:
    return go_to(url_for(".show", contact_id=contact_id), stay=True)
