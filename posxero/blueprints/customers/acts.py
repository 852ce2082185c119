"""What can be done with one contact besides editing it. Each leads back to its page."""

from uuid import UUID

from flask import g, url_for
from flask.typing import ResponseReturnValue

from posxero import ports
from posxero.blueprints.customers import bp
from posxero.db.session import db
from posxero.domain.words import Right
from posxero.services import archive as archiving
from posxero.services import linking, retry
from posxero.services.errors import NotConnected
from posxero.web.htmx import go_to, toast
from posxero.web.sign_in import allowed, current_user
from posxero.web.times import moment


@bp.post("/<uuid:contact_id>/archive")
@allowed(Right.MANAGE)
def archive(contact_id: UUID) -> ResponseReturnValue:
    """Hide a contact here."""
    contact = archiving.archive(db.session, g.business.id, contact_id, by=current_user.name, now=moment())
    toast(f"{contact.name} archived here. Nothing changed in Xero.")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/restore")
@allowed(Right.MANAGE)
def restore(contact_id: UUID) -> ResponseReturnValue:
    """Show an archived contact again."""
    contact = archiving.restore(db.session, g.business.id, contact_id, by=current_user.name, now=moment())
    toast(f"{contact.name} restored.")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/try-again")
@allowed(Right.EDIT)
def try_again(contact_id: UUID) -> ResponseReturnValue:
    """Push a contact once more."""
    hints = ports.current().queue
    retry.try_again(db.session, g.business.id, contact_id, by=current_user.name, now=moment(), hints=hints)
    toast("Trying again.", "info")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/send-ours")
@allowed(Right.EDIT)
def send_ours(contact_id: UUID) -> ResponseReturnValue:
    """Replace what Xero has with ours."""
    hints = ports.current().queue
    retry.send_ours(db.session, g.business.id, contact_id, by=current_user.name, now=moment(), hints=hints)
    toast("Sending your details to Xero…")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/link")
@allowed(Right.MANAGE)
def link(contact_id: UUID) -> ResponseReturnValue:
    """Add a contact to Xero."""
    hints = ports.current().queue
    try:
        linking.link_to_xero(db.session, g.business.id, contact_id, by=current_user.name, now=moment(), hints=hints)
    except NotConnected as refusal:
        toast(str(refusal), "warn")
    return _back(contact_id)


@bp.post("/<uuid:contact_id>/unlink")
@allowed(Right.MANAGE)
def unlink(contact_id: UUID) -> ResponseReturnValue:
    """Forget which contact of Xero this is."""
    linking.unlink(db.session, g.business.id, contact_id, by=current_user.name, now=moment())
    toast("Unlinked. Nothing changed in Xero.")
    return _back(contact_id)


def _back(contact_id: UUID) -> ResponseReturnValue:
    return go_to(url_for(".show", contact_id=contact_id), stay=True)
