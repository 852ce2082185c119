"""Forms of a page that is older than the sign-in: a user signed out, or in again, in another tab.

Their CSRF token belongs to the session that ended. Only what was typed is read of them and returned: in a dialog over
the page (htmx), on the sign-in page (nobody is signed in), or on a page that submits it again. Nothing is written.
"""

from flask import Flask, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from posxero.services.contacts.drafts import SentForm
from posxero.web import contact_form, errors, reauthentication
from posxero.web.htmx import render, request
from posxero.web.security import is_cross_site
from posxero.web.unavailable import SubmittedForm

STALE = "The page was open too long, or your sign-in changed. Go back, reload the page and try again."
USER_CHANGED = "Your sign-in changed after you opened this page, in another tab. Nothing was saved."
BAD_REQUEST, UNAUTHORIZED = 400, 401


def init_app(app: Flask) -> None:
    """Handle forms whose CSRF token is missing or invalid."""
    app.register_error_handler(CSRFError, _stale)


def _stale(_error: CSRFError) -> ResponseReturnValue:
    sent = contact_form.submitted_contact_form()
    if sent is None or not sent.fields or not request.form.get("csrf_token") or is_cross_site():
        return errors.page(BAD_REQUEST, STALE)
    if request.endpoint in contact_form.DRAFT_ENDPOINTS:
        return "", UNAUTHORIZED  # the page asks when the person saves
    if errors.is_signed_in():
        return _offer_to_resubmit()
    return reauthentication.dialog() if request.htmx.partial else _sign_in_first(sent)


def _offer_to_resubmit() -> Response:
    if request.htmx.partial:
        return render("auth/account_changed.html", block="dialog", status=UNAUTHORIZED, name=current_user.name)
    path = request.full_path.removesuffix("?")
    title = f"You are signed in as {current_user.name}"
    page = render_template(
        "errors/unavailable.html", title=title, sentences=[USER_CHANGED], to=path, typed=SubmittedForm.of_request()
    )
    return make_response(page, BAD_REQUEST)


def _sign_in_first(sent: SentForm) -> Response:
    carried = {**sent.fields, "version": str(sent.version), "idempotency_key": sent.idempotency_key, "at": request.path}
    why = "You were signed out. Nothing you typed is lost: sign in, look at it once more, and save it."
    return render(
        "auth/sign_in.html", status=UNAUTHORIZED, errors={}, email="", to=request.path, why=why, carried=carried
    )
