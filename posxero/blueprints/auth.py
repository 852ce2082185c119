"""Signing in and out."""

import re
from uuid import UUID

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from posxero.db.session import db
from posxero.domain.fields import FIELDS
from posxero.domain.folding import email_key
from posxero.domain.words import Right
from posxero.services import contacts, kept_forms
from posxero.services import sign_in as service
from posxero.services.sign_in import WrongCredentials
from posxero.web.htmx import render, request
from posxero.web.security import limiter
from posxero.web.sign_in import allowed, current_user, enter, leave, public
from posxero.web.times import moment

bp = Blueprint("auth", __name__)

OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x1f\x7f]*")  # a path of this site, never another's address
HOME = "/customers"


def _who() -> str:
    return f"{get_remote_address()} {_email()}"


def _email() -> str:
    return email_key(request.form.get("email", ""))[:255]


@bp.route("/")
@public
def home() -> ResponseReturnValue:
    """Go to the customers."""
    return redirect(HOME, 303)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit("10 per 5 minutes", methods=["POST"], key_func=_who)
@limiter.limit("30 per 15 minutes", methods=["POST"], key_func=_email)
@limiter.limit("100 per 15 minutes", methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Show the form, or sign a person in and send them where they wanted to go."""
    to = next_page(request.values.get("next", ""))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(to, 303)
        return render("auth/sign_in.html", errors={}, email="", to=to)
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        secret, user = service.begin(db.session, email=email, password=password, now=moment())
    except WrongCredentials:
        errors = {"email": "Email or password is not right"}
        return render("auth/sign_in.html", status=422, errors=errors, email=email, to=to)
    enter(secret, user)
    return redirect(to, 303)


@bp.post("/sign-out")
@allowed(Right.READ)
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser."""
    leave()
    return redirect(url_for(".sign_in"), 303)


@bp.get("/kept/<uuid:form_id>")
@allowed(Right.READ)
def kept(form_id: UUID) -> ResponseReturnValue:
    """Offer a contact form that was sent after the sign-in had run out."""
    form = kept_forms.get(db.session, g.business.id, current_user.id, form_id, now=moment())
    fields = [(field, form.fields[field.key]) for field in FIELDS if field.key in form.fields]
    contact = contacts.get(db.session, g.business.id, form.contact_id) if form.contact_id else None
    return render("auth/kept.html", form=form, fields=fields, contact=contact)


def next_page(wanted: str) -> str:
    """Return a path of this site, or the first page where it is anything else."""
    return wanted if OWN_PATH.fullmatch(wanted) and not wanted.startswith("/sign-") else HOME
