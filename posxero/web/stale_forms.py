"""Forms of a page that is older than the sign-in: somebody signed out, or in again, in another tab.

Their CSRF token is of the session that ended, so nothing is read of them but what was typed, which
comes back: over the page (htmx), on a page that signs in (nobody is signed in), or on one that
sends it again. Nothing is written.
"""

from flask import Flask, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from posxero.services.contacts.drafts import SentForm
from posxero.web import contact_form, errors, sign_in_again
from posxero.web.htmx import render, request
from posxero.web.security import is_cross_site
from posxero.web.unavailable import Typed

STALE = "The page was open too long, or your sign-in changed. Go back, reload the page and try again."
CHANGED = "Your sign-in changed after you opened this page, in another tab. Nothing was saved."
BAD_REQUEST, UNAUTHORIZED = 400, 401


def init_app(app: Flask) -> None:
    """Answer forms whose token is missing or does not fit."""
    app.register_error_handler(CSRFError, _stale)


def _stale(_error: CSRFError) -> ResponseReturnValue:
    sent = contact_form.sent_form()
    if sent is None or not sent.fields or not request.form.get("csrf_token") or is_cross_site():
        return errors.page(BAD_REQUEST, STALE)
    if request.endpoint in contact_form.DRAFTS:
        return "", UNAUTHORIZED  # the page asks when the person saves
    if errors.is_somebody():
        return _send_again()
    return sign_in_again.dialog() if request.htmx.partial else _sign_in_first(sent)


def _send_again() -> Response:
    if request.htmx.partial:
        return render("auth/changed.html", block="dialog", status=UNAUTHORIZED, name=current_user.name)
    here = request.full_path.removesuffix("?")
    title = f"You are signed in as {current_user.name}"
    page = render_template("errors/unavailable.html", title=title, sentences=[CHANGED], to=here, typed=Typed.sent())
    return make_response(page, BAD_REQUEST)


def _sign_in_first(sent: SentForm) -> Response:
    carried = {**sent.fields, "version": str(sent.version), "idempotency_key": sent.idempotency_key, "at": request.path}
    why = "You were signed out. Nothing you typed is lost: sign in, look at it once more, and save it."
    return render(
        "auth/sign_in.html", status=UNAUTHORIZED, errors={}, email="", to=request.path, why=why, carried=carried
    )
