"""The link of an invitation: whoever has it chooses an email and a password, and is signed in."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from posxero.db.invitation import Invitation
from posxero.db.session import db
from posxero.services import invitations as service
from posxero.services import sign_in
from posxero.services.invitations import InvitationClosed
from posxero.services.users import InvalidUser
from posxero.web.htmx import render, request
from posxero.web.security import limiter
from posxero.web.sign_in import CALLED, current_user, enter, leave, public
from posxero.web.times import moment

bp = Blueprint("invitations", __name__, url_prefix="/invitations")

HOME = "/customers"


@bp.route("/<token>", methods=["GET", "POST"])
@public
@limiter.limit("20 per 5 minutes", methods=["POST"])
@limiter.limit("100 per 5 minutes")
def accept(token: str) -> ResponseReturnValue:
    """Show who invites and as what; add the user and sign them in."""
    try:
        invitation = service.find(db.session, token, now=moment())
        return _form(invitation, {}) if request.method == "GET" else _accept(token)
    except InvitationClosed:
        return render("invitations/closed.html", status=404)
    except InvalidUser as error:
        return _form(invitation, error.errors)


def _accept(token: str) -> ResponseReturnValue:
    email, password = request.form.get("email", ""), request.form.get("password", "")
    service.accept(db.session, token, email=email, password=password, now=moment())
    if current_user.is_authenticated:  # the owner's, who handed the tablet over
        leave()
    enter(*sign_in.begin(db.session, email=email, password=password, now=moment()))
    return redirect(HOME, 303)


def _form(invitation: Invitation, errors: dict[str, str]) -> ResponseReturnValue:
    return render(
        "invitations/accept.html",
        status=422 if errors else 200,
        shop=invitation.invited_by.business.name,
        name=invitation.name,
        called=CALLED[invitation.role],
        here=current_user.name if current_user.is_authenticated else "",
        email=request.form.get("email", ""),
        errors=errors,
    )
