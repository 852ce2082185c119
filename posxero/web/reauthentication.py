"""Requests that need a sign-in and have none: redirect to the sign-in page, and keep what was typed.

A contact form submitted by htmx stays on the page, under a dialog that signs in and saves. A form of a page
without JavaScript becomes a draft, which a page offers after signing in.
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
from posxero.services.contacts.drafts import MAX_DRAFT_BYTES, DraftTooLarge, SentForm
from posxero.web import contact_form
from posxero.web.durations import format_duration
from posxero.web.htmx import render, request, toast
from posxero.web.request_time import request_time

NO_CONTENT, UNAUTHORIZED = 204, 401
LOOKUPS = {"known", "sale-total"}  # ids of what a form asks for while somebody types in it


def require() -> ResponseReturnValue:
    """Redirect to the sign-in page, and from there back."""
    sent = contact_form.submitted_contact_form()
    if sent is not None and sent.fields and request.htmx.partial:
        return _require_in_place(sent)
    if request.htmx.partial and request.htmx.target_id in LOOKUPS:
        return "", NO_CONTENT  # a redirect would leave the form; its save asks for the sign-in
    url = url_for("auth.sign_in", next=_recovery_url(sent) or _current_path())
    if request.htmx:
        return "", UNAUTHORIZED, {"HX-Redirect": url}
    return redirect(url, 303)


def end_reason() -> str:
    """Return the sentence that says why the browser's sign-in ended; "" when it has none or is signed in."""
    timings = current_ports().settings.timings
    end = end_of(db.session, _secret(), now=request_time(), idle=timings.idle, absolute=timings.absolute)
    if end is None:
        return ""
    if end is SignInEnd.IDLE:
        return f"You were signed out after {format_duration(timings.idle)} without activity."
    if end is SignInEnd.TOO_OLD:
        return f"You were signed out because a sign-in lasts {format_duration(timings.absolute)} at most."
    return "You were signed out."


def dialog() -> Response:
    """Return the dialog that signs in, over the submitted form; afterwards the page submits the form again."""
    reason = end_reason() or "You were signed out in another tab."
    return render("auth/reauthenticate.html", block="dialog", status=UNAUTHORIZED, reason=reason, error="", email="")


def _require_in_place(sent: SentForm) -> ResponseReturnValue:
    """Save a form of htmx as a draft, in case the dialog is closed; a draft that was saved needs no dialog."""
    draft_id = None
    with suppress(DraftTooLarge):  # the page still holds it
        draft_id = _save_draft(sent)
    if request.endpoint in contact_form.DRAFT_ENDPOINTS:
        return "", NO_CONTENT if draft_id else UNAUTHORIZED
    return dialog()


def _current_path() -> str:
    """Return the path of the page that the request came from or asks for."""
    address = request.full_path
    if request.htmx.current_url:
        address = request.htmx.current_url
    elif request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        address = request.referrer or "/"
    url = urlsplit(address)
    return url.path + (f"?{url.query}" if url.query else "")


def _recovery_url(sent: SentForm | None) -> str:
    """Save a form submitted without JavaScript as a draft; return the page that offers it, "" when it was not saved."""
    if request.method != "POST" or not set(request.form) - {"csrf_token"}:
        return ""
    try:
        draft_id = _save_draft(sent) if sent and request.endpoint in contact_form.SAVE_ENDPOINTS else None
    except DraftTooLarge:
        toast(f"What you sent was too large to keep ({MAX_DRAFT_BYTES // 1024} kB at most). It was not saved.", "warn")
        return ""
    if draft_id is None:
        toast("You had been signed out, so what you sent was not saved. Sign in and send it again.", "warn")
        return ""
    return url_for("auth.kept", form_id=draft_id)


def _save_draft(sent: SentForm) -> UUID | None:
    return keep_late_form(db.session, _secret(), sent, now=request_time())


def _secret() -> str:
    """Return the secret of the sign-in in Flask-Login's cookie, whether or not it is still valid."""
    return str(session.get("_user_id", ""))
