"""One person's data: handed out as a file, and erased."""

from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.customers import bp
from posxero.blueprints.customers.contact_kind import contact_kind
from posxero.blueprints.customers.contact_page import ContactPage
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.services.accounts import security_log
from posxero.services.contacts import contacts
from posxero.services.personal_data import erase as erasing
from posxero.services.personal_data.erase import CannotErase, NotConfirmed
from posxero.services.personal_data.export import write_archive
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user


@bp.get("/<uuid:contact_id>/personal-data.zip")
@allowed(Right.EXPORT)
def export_personal_data(contact_id: UUID) -> ResponseReturnValue:
    """Hand out everything that is kept of one contact."""
    contact = contacts.get(db.session, g.business.id, contact_id)
    subject, now = "Everything kept of one customer or supplier", request_time()
    security_log.record_export(db.session, g.business.id, subject=subject, by=actor(), now=now)
    archive = write_archive(db.session, g.business, contact, now=now, with_answers=current_user.may(Right.OWN))
    disposition = f'attachment; filename="personal-data-{now:%Y-%m-%d}.zip"'
    return Response(archive, mimetype="application/zip", headers={"Content-Disposition": disposition})


@bp.route("/<uuid:contact_id>/erase", methods=["GET", "POST"])
@allowed(Right.MANAGE)
def erase(contact_id: UUID) -> ResponseReturnValue:
    """Ask for the name, then erase a contact's details."""
    if request.method == "GET":
        return _question(contact_id)
    typed = request.form.get("name", "")
    try:
        erasing.erase(db.session, g.business, contact_id, typed, by=actor(), now=request_time())
    except NotConfirmed:
        return _question(contact_id, typed, "This is not the name. Type it as it is shown above")
    except CannotErase:
        return _question(contact_id, typed)
    toast("The details were erased here. Nothing changed in Xero.")
    return go_to(url_for(".show", contact_id=contact_id))


def _question(contact_id: UUID, typed: str = "", error: str = "") -> Response:
    contact_page = ContactPage.of(contact_id)
    return render(
        "customers/erase.html",
        status=422 if request.method == "POST" else 200,
        kind=contact_kind(),
        contact_page=contact_page,
        preview=erasing.preview(db.session, contact_page.contact, now=request_time()),
        typed=typed,
        error=error,
    )
