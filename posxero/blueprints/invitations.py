"""The link of an invitation: the person who has it chooses an email and a password, and is signed in."""

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue

from posxero.db.invitation import Invitation
from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.accounts import invitations as service
from posxero.services.accounts import sign_in, user_rules
from posxero.services.accounts.invitations import InvitationClosed
from posxero.services.accounts.throttle.sign_in import TooManyTries
from posxero.web.client import client, client_address, remember_device
from posxero.web.durations import retry_after, retry_message
from posxero.web.htmx import render, request
from posxero.web.request_time import request_time
from posxero.web.sign_in import ROLE_WITH_ARTICLE, current_user, public, sign_in_user, sign_out_user

bp = Blueprint("invitations", __name__, url_prefix="/invitations")

HOME = "/customers"


@bp.route("/<token>", methods=["GET", "POST"])
@public
def accept(token: str) -> ResponseReturnValue:
    """Show who invites and as what; add the user and sign them in."""
    try:
        invitation = service.find(db.session, token, now=request_time())
        return _form(invitation, {}) if request.method == "GET" else _accept(token)
    except InvitationClosed:
        return render("invitations/closed.html", status=404)
    except user_rules.InvalidUser as error:
        return _form(invitation, error.errors, 422)
    except TooManyTries as error:
        answer = _form(invitation, {"": f"Too many tries. {retry_message(error.wait)}"}, 429)
        answer.headers["Retry-After"] = retry_after(error.wait)
        return answer


def _accept(token: str) -> ResponseReturnValue:
    throttle = current_ports().throttle
    admission = throttle.admit_invited(client_address(), request_time())
    typed = {key: request.form.get(key, "") for key in ("email", "password")}
    service.accept(db.session, token, **typed, address=client_address(), now=request_time())
    throttle.succeed(admission)
    if current_user.is_authenticated:  # the owner's, who handed the tablet over
        sign_out_user()
    secret, user = sign_in.begin(db.session, throttle, **typed, client=client(), now=request_time())
    sign_in_user(secret, user)
    remember_device(user.id)
    return redirect(HOME, 303)


def _form(invitation: Invitation, errors: dict[str, str], status: int = 200) -> Response:
    return render(
        "invitations/accept.html",
        status=status,
        shop=invitation.invited_by.business.name,
        name=invitation.name,
        called=ROLE_WITH_ARTICLE[invitation.role],
        here=current_user.name if current_user.is_authenticated else "",
        email=request.form.get("email", ""),
        errors=errors,
    )
