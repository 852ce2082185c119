"""Linking a contact to Xero, and taking its link away. Each leads back to the contact's page."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.errors import NotConnected
from posxero.services.push import linking
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user

UNRESOLVED = (
    "Not unlinked: Xero may be adding this customer right now, and a second one could be added there. "
    "Try again once the status says Synced or Not sent."
)


@bp.post("/<uuid:contact_id>/link")
@allowed(Right.MANAGE)
def link(contact_id: UUID) -> ResponseReturnValue:
    """Add a contact to Xero."""
    jobs = current_ports().jobs
    try:
        linking.link_to_xero(db.session, g.business.id, contact_id, by=current_user.name, now=request_time(), jobs=jobs)
    except NotConnected as refusal:
        toast(str(refusal), "warn")
    return _back(contact_id)


@bp.route("/<uuid:contact_id>/unlink", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def unlink(contact_id: UUID) -> ResponseReturnValue:
    """Ask, then forget which contact of Xero this is."""
    if request.form.get("sure") == "yes":
        return _unlink(contact_id)
    contact_page = ContactPage.of(contact_id)
    if contact_page.link is None:
        return _back(contact_id)
    if request.method == "POST":
        return go_to(url_for(".unlink", contact_id=contact_id))
    refusal = UNRESOLVED if linking.is_creation_unresolved(contact_page.link) else ""
    return render("customers/unlink.html", kind=contact_kind(), contact_page=contact_page, refusal=refusal)


def _unlink(contact_id: UUID) -> ResponseReturnValue:
    try:
        linking.unlink(db.session, g.business.id, contact_id, by=current_user.name, now=request_time())
    except linking.CreationUnresolved:
        toast(UNRESOLVED, "warn")
    else:
        toast("Unlinked. Nothing changed in Xero.")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/undo-link")
@allowed(Right.MANAGE)
def undo_link(contact_id: UUID) -> ResponseReturnValue:
    """Take a link back, with what it filled in here."""
    try:
        linking.undo_link(db.session, g.business, contact_id, by=current_user.name, now=request_time())
    except linking.CannotUndo:
        toast("This link can't be undone because changes have been sent to Xero. You can still unlink it.", "warn")
    else:
        toast("Link undone. Nothing had been sent to Xero.")
    return _back(contact_id)


def _back(contact_id: UUID) -> ResponseReturnValue:
    return go_to(url_for(".show", contact_id=contact_id), stay=True)
