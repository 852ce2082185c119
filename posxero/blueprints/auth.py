"""Signing in and out."""

import json
import re
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from posxero.db.business import User
from posxero.db.session import db
from posxero.domain.enums import Right
from posxero.domain.fields import FIELDS
from posxero.ports import current_ports
from posxero.services.accounts import businesses
from posxero.services.accounts import sign_in as service
from posxero.services.accounts.sign_in import WrongCredentials
from posxero.services.accounts.throttle.sign_in import TooManyTries
from posxero.services.contacts import contacts, drafts
from posxero.services.contacts.drafts import DraftTooLarge
from posxero.services.errors import NotFound
from posxero.web import contact_form, reauthentication
from posxero.web.client import client, remember_device
from posxero.web.durations import retry_after, retry_message
from posxero.web.htmx import render, request
from posxero.web.request_time import request_time
from posxero.web.sign_in import allowed, current_user, public, sign_in_user, sign_out_user

bp = Blueprint("auth", __name__)

OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]*")  # a path of this site, never another's address
HOME = "/customers"
TYPED = "typed-"  # before the names of the fields that sign_in.html carries
OK, INVALID = 200, 422


@bp.route("/")
@public
def home() -> ResponseReturnValue:
    """Go to the customers."""
    return redirect(HOME, 303)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Show the form, or sign a person in and send them where they wanted to go."""
    to = next_page(request.values.get("next", ""))
    if request.method == "GET":
        return redirect(to, 303) if current_user.is_authenticated else _form(to)
    try:
        user = _sign_in()
    except WrongCredentials:
        return _form(to, 422, {"email": "Wrong email or password"})
    except TooManyTries as error:
        answer = _form(to, 429, {"": f"Too many wrong passwords. {retry_message(error.wait)}"})
        answer.headers["Retry-After"] = retry_after(error.wait)
        return answer
    return _signed_in_again(user) if request.htmx.partial else redirect(_keep_carried(user) or to, 303)


def _sign_in() -> User:
    """Sign in the person of the submitted form on this browser.

    Raises:
        WrongCredentials: The email or the password is wrong.
        TooManyTries: There were too many wrong passwords; the password was not looked at.
    """
    typed = {key: request.form.get(key, "") for key in ("email", "password")}
    throttle = current_ports().throttle
    secret, user = service.begin(db.session, throttle, **typed, client=client(), now=request_time())
    businesses.adopt_timezone(db.session, user, request.form.get("timezone", ""))
    sign_in_user(secret, user)
    remember_device(user.id)
    return user


def _form(to: str, status: int = 200, errors: Mapping[str, str] | None = None) -> Response:
    email = request.form.get("email", "")
    if request.htmx.partial:  # only the dialog of auth/reauthenticate.html asks so
        error = " ".join((errors or {}).values())
        return render("auth/reauthenticate.html", block="form", status=INVALID, error=error, email=email)
    why = reauthentication.end_reason()
    why = f"{why} Sign in to continue." if why else ""
    carried = {} if status == OK else _carried()
    return render("auth/sign_in.html", status=status, errors=errors or {}, email=email, to=to, why=why, carried=carried)


def _signed_in_again(user: User) -> Response:
    """Answer the dialog that signed in: the page gets the token of the new session, and sends its form again."""
    answer = render("auth/reauthenticate.html", block="signed_in", name=user.name, role=user.role.label)
    answer.headers["HX-Reswap"] = "none"
    answer.headers["HX-Trigger"] = json.dumps({"signed-in": {"token": generate_csrf()}})
    return answer


def _carried() -> dict[str, str]:
    """Return the contact form that a page without JavaScript carries through signing in."""
    return {key.removeprefix(TYPED): value for key, value in request.form.items() if key.startswith(TYPED)}


def _keep_carried(user: User) -> str:
    """Keep the contact form that came with the sign-in as a draft; returns the page that offers it, "" without one."""
    carried = _carried()
    sent = contact_form.carried_contact_form(carried) if carried else None
    if sent is None:
        return ""
    try:
        draft_id = drafts.save_draft(db.session, user.business_id, user.id, sent, now=request_time())
    except (NotFound, DraftTooLarge):
        return ""
    return url_for(".kept", form_id=draft_id) if draft_id else ""


@bp.post("/sign-out")
@allowed(Right.READ)
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser."""
    sign_out_user()
    return redirect(url_for(".sign_in"), 303)


@bp.get("/kept/<uuid:form_id>")
@allowed(Right.READ)
def kept(form_id: UUID) -> ResponseReturnValue:
    """Offer a contact form that was sent after the sign-in had run out."""
    form = drafts.get(db.session, g.business.id, current_user.id, form_id, now=request_time())
    fields = [(field, form.fields[field.key]) for field in FIELDS if field.key in form.fields]
    contact = contacts.get(db.session, g.business.id, form.contact_id) if form.contact_id else None
    return render("auth/recovered_form.html", form=form, fields=fields, contact=contact)


def next_page(wanted: str) -> str:
    """Return a path of this site, or the first page where it is anything else."""
    return wanted if OWN_PATH.fullmatch(wanted) and not wanted.startswith("/sign-") else HOME
