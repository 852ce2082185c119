"""Settings → Users: inviting a person by a link that works once."""

from uuid import UUID

from flask import Response, g, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.invitation import Invitation
from posxero.db.session import db
from posxero.domain.enums import Right, Role
from posxero.ports import current_ports
from posxero.services.accounts import invitations as service
from posxero.services.accounts import user_rules
from posxero.web.client import client_address
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user


@bp.route("/users/new", methods=["GET", "POST"])
@allowed(Right.OWN)
def new_user() -> ResponseReturnValue:
    """Invite a person, and show the link."""
    typed = {key: request.form.get(key, "") for key in ("name", "role")}
    if request.method == "GET":
        return render("settings/new_user.html", typed=typed | {"role": Role.STAFF.value}, errors={}, roles=list(Role))
    try:
        invitation, token = service.create(
            db.session, current_user.user, **typed, now=request_time(), address=client_address()
        )
    except user_rules.InvalidUser as error:
        return render("settings/new_user.html", status=422, typed=typed, errors=error.errors, roles=list(Role))
    return _show_link(invitation, token)


@bp.post("/users/invitations/<uuid:invitation_id>/new-link")
@allowed(Right.OWN)
def renew_invitation(invitation_id: UUID) -> ResponseReturnValue:
    """Replace the link of an invitation, and show the new one."""
    return _show_link(*service.renew(db.session, current_user.user, invitation_id, now=request_time()))


@bp.post("/users/invitations/<uuid:invitation_id>/delete")
@allowed(Right.OWN)
def withdraw_invitation(invitation_id: UUID) -> ResponseReturnValue:
    """Withdraw an invitation."""
    name = service.withdraw(db.session, g.business.id, invitation_id)
    toast(f"The invitation for {name} was withdrawn.")
    return go_to(url_for(".users"))


def _show_link(invitation: Invitation, token: str) -> Response:
    """Answer the page with the link. It is shown only here: the database holds a hash."""
    link = current_ports().settings.public_url + url_for("invitations.accept", token=token)
    return render("settings/invitation.html", invitation=invitation, link=link)
