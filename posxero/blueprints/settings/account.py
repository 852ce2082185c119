"""Settings → Your account: a person's own password, and where they are signed in."""

from uuid import UUID

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from posxero.blueprints.settings import bp
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.ports import current_ports
from posxero.services.accounts import own_account as service
from posxero.services.accounts import user_rules
from posxero.services.accounts.throttle.sign_in import TooManyTries
from posxero.web.durations import retry_after, retry_message
from posxero.web.htmx import go_to, render, request, toast
from posxero.web.request_time import request_time
from posxero.web.sign_in import actor, allowed, current_user


@bp.route("/account", methods=["GET", "POST"])
@allowed(Right.READ)
def account() -> ResponseReturnValue:
    """Show the person's account, or change their password."""
    if request.method == "GET":
        return _show({})
    try:
        _change_password()
    except user_rules.InvalidUser as error:
        return _show(error.errors, 422)
    except TooManyTries as error:
        answer = _show({"current_password": f"Too many wrong passwords. {retry_message(error.wait)}"}, 429)
        answer.headers["Retry-After"] = retry_after(error.wait)
        return answer
    toast("Your password was changed. You are signed out everywhere else.")
    return go_to(url_for(".account"))


@bp.post("/account/sign-out-others")
@allowed(Right.READ)
def sign_out_others() -> ResponseReturnValue:
    """End the person's other sign-ins."""
    who = (current_user.user, current_user.session_hash)
    ended = service.end_others(db.session, *who, by=actor(), now=request_time())
    toast("You are signed out everywhere else." if ended else "You aren't signed in anywhere else.", "ok")
    return go_to(url_for(".account"))


@bp.post("/account/sign-ins/<uuid:sign_in_id>/end")
@allowed(Right.READ)
def end_sign_in(sign_in_id: UUID) -> ResponseReturnValue:
    """End one of the person's sign-ins."""
    service.end_one(db.session, current_user.user, sign_in_id, by=actor(), now=request_time())
    toast("That device is signed out.")
    return go_to(url_for(".account"))


def _change_password() -> None:
    service.change_password(
        db.session,
        current_ports().throttle,
        current_user.user,
        current=request.form.get("current_password", ""),
        new=request.form.get("new_password", ""),
        session_hash=current_user.session_hash,
        by=actor(),
        now=request_time(),
    )


def _show(errors: dict[str, str], status: int = 200) -> Response:
    timings = current_ports().settings.timings
    who = (current_user.user, current_user.session_hash)
    sign_ins = service.list_sign_ins(db.session, *who, now=request_time(), idle=timings.idle, absolute=timings.absolute)
    return render("settings/account.html", status=status, errors=errors, person=current_user.user, sign_ins=sign_ins)
