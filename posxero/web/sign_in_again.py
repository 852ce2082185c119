"""Requests that need a sign-in and have none: the browser is sent to sign in, and what was typed is kept.

A contact form that htmx sends stays on the screen, under a dialog that signs in and saves. The
form of a page without JavaScript becomes a draft, which a page offers after signing in.
"""

from contextlib import suppress
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, redirect, session, url_for
from flask.typing import ResponseReturnValue

from posxero.db.session import db
from posxero.ports import current_ports
from posxero.services.accounts.sessions import SignInEnd, end_of
from posxero.services.contacts.draft_recovery import keep_late_form
from posxero.services.contacts.drafts import MAX_DRAFT_BYTES, SentForm, TooLarge
from posxero.web import contact_form
from posxero.web.htmx import render, request, toast
from posxero.web.times import request_time
from posxero.web.waits import duration_words

NO_CONTENT, UNAUTHORIZED = 204, 401


def ask() -> ResponseReturnValue:
    """Send the browser to sign in, and back to where it was."""
    sent = contact_form.sent_form()
    if sent is not None and sent.fields and request.htmx.partial:
        return _ask_in_place(sent)
    url = url_for("auth.sign_in", next=_kept(sent) or _here())
    if request.htmx:
        return "", UNAUTHORIZED, {"HX-Redirect": url}
    return redirect(url, 303)


def why() -> str:
    """Return the sentence that says why the browser's sign-in ended; "" when it has none or it holds."""
    timings = current_ports().settings.timings
    end = end_of(db.session, _secret(), now=request_time(), idle=timings.idle, absolute=timings.absolute)
    if end is None:
        return ""
    if end is SignInEnd.IDLE:
        return f"You were signed out after {duration_words(timings.idle)} without activity."
    if end is SignInEnd.TOO_OLD:
        return f"You were signed out because a sign-in lasts {duration_words(timings.absolute)} at most."
    return "You were signed out."


def dialog() -> Response:
    """Answer the dialog that signs in, over the form that was sent; then the page sends the form again."""
    reason = why() or "You were signed out in another tab."
    return render("auth/again.html", block="dialog", status=UNAUTHORIZED, reason=reason, error="", email="")


def _ask_in_place(sent: SentForm) -> ResponseReturnValue:
    """Keep a form of htmx as a draft, also in case the dialog is closed; a draft that was kept asks for nothing."""
    draft_id = None
    with suppress(TooLarge):  # the page still holds it
        draft_id = _keep(sent)
    if request.endpoint in contact_form.DRAFTS:
        return "", NO_CONTENT if draft_id else UNAUTHORIZED
    return dialog()


def _here() -> str:
    """Return the address of the page that the request was sent from or asks for."""
    address = request.full_path
    if request.htmx.current_url:
        address = request.htmx.current_url
    elif request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        address = request.referrer or "/"
    here = urlsplit(address)
    return here.path + (f"?{here.query}" if here.query else "")


def _kept(sent: SentForm | None) -> str:
    """Keep a form that was sent without JavaScript; returns the page that offers it again, "" when it was not kept."""
    if request.method != "POST" or not set(request.form) - {"csrf_token"}:
        return ""
    try:
        draft_id = _keep(sent) if sent and request.endpoint in contact_form.SAVES else None
    except TooLarge:
        toast(f"What you sent was too large to keep ({MAX_DRAFT_BYTES // 1024} kB at most). It was not saved.", "warn")
        return ""
    if draft_id is None:
        toast("You had been signed out, so what you sent was not saved. Sign in and send it again.", "warn")
        return ""
    return url_for("auth.kept", form_id=draft_id)


def _keep(sent: SentForm) -> UUID | None:
    return keep_late_form(db.session, _secret(), sent, now=request_time())


def _secret() -> str:
    """Return what Flask-Login left in the cookie: the secret of a sign-in, whether or not it holds."""
    return str(session.get("_user_id", ""))
