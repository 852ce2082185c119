"""Errors as pages: what happened, and what to do. A fragment that fails becomes a toast."""

from uuid import uuid4

import structlog
from flask import Flask, Response, make_response, render_template
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from posxero.db.session import db
from posxero.services.errors import NotFound
from posxero.web.htmx import request, toasts
from posxero.web.sign_in import nobody

log = structlog.get_logger(__name__)

PAGES = {
    400: ("That didn't work", "The request was incomplete. Go back, reload the page and try again."),
    401: ("Sign in", "You were signed out. Sign in again."),
    403: ("You don't have access", "Ask an owner."),
    404: ("Not found", "There is nothing at this address. It may be mistyped, or the page was removed."),
    405: ("That page can't be opened directly", "Go back and use the links and buttons of Retail POS."),
    413: ("Too large", "What you sent is too large. Shorten it and try again."),
    429: ("Too many tries", "Wait a few minutes and try again."),
    500: ("Something went wrong", "Nothing that was saved is lost. Go back and try again."),
}


def init_app(app: Flask) -> None:
    """Give every error its page."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, text: str = "", *, title: str = "") -> Response:
    """Answer an error page, or a toast where htmx wanted a fragment.

    Args:
        status: The HTTP status.
        text: What happened and what to do, in words; a general text when empty.
        title: A heading for it; a general one when empty.
    """
    general_title, general = PAGES.get(status, PAGES[400 if status < 500 else 500])  # noqa: PLR2004 - HTTP's classes
    title, text = title or general_title, text or general
    if request.htmx.partial:
        return make_response(toasts([("bad", f"{title}. {text}")]), status)
    link, link_words = ("/customers", "Go to Customers") if is_somebody() else ("/sign-in", "Sign in")
    return make_response(
        render_template("errors/page.html", title=title, sentences=[text], link=link, link_words=link_words), status
    )


def is_somebody() -> bool:
    """Return whether somebody is signed in; an error's own page must not fail because the database is away."""
    try:
        return bool(current_user.is_authenticated)
    except OperationalError:
        forget_who()
        return False


def forget_who() -> None:
    """Answer the rest of this request without the database, to nobody."""
    db.session.rollback()
    nobody()


def _not_found(_error: Exception) -> Response:
    return page(404)


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 - redirects
        return make_response(error.get_response())
    own = error.description if error.description != type(error).description else ""
    return page(error.code, own or "")


def _unexpected(error: Exception) -> Response:
    reference = uuid4().hex[:8]
    log.error("unexpected", reference=reference, path=request.path, exc_info=error)
    return page(
        500,
        "Nothing that was saved is lost. Go back and try again. "
        f"If it happens again, give support this reference: {reference}.",
    )
