"""Error pages: what happened, and what to do. For a fragment, a toast."""

from uuid import uuid4

import structlog
from flask import Flask, Response, make_response, render_template
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from posxero.db.session import db
from posxero.services.errors import Erased, NotFound
from posxero.web.htmx import request, toasts
from posxero.web.sign_in import serve_anonymously

log = structlog.get_logger(__name__)

DEFAULT_TEXTS = {  # title and text by status
    400: ("That didn't work", "The request was incomplete. Go back, reload the page and try again."),
    401: ("Sign in", "You were signed out. Sign in again."),
    403: ("You don't have access", "Ask an owner."),
    404: ("Not found", "There is nothing at this address. It may be mistyped, or the page was removed."),
    405: ("That page can't be opened directly", "Go back and use the links and buttons of Retail POS."),
    410: ("These details were erased", "Nothing was saved. An owner or a manager erased them."),
    413: ("Too large", "What you sent is too large. Shorten it and try again."),
    429: ("Too many tries", "Wait a few minutes and try again."),
    500: ("Something went wrong", "Nothing that was saved is lost. Go back and try again."),
}


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(Erased, _erased)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, text: str = "", *, title: str = "") -> Response:
    """Return an error page, or a toast where htmx asked for a fragment.

    Args:
        status: The HTTP status.
        text: What happened and what to do; a default when empty.
        title: The heading; a default when empty.
    """
    default_title, default_text = DEFAULT_TEXTS.get(status, DEFAULT_TEXTS[400 if status < 500 else 500])  # noqa: PLR2004 - HTTP's classes
    title, text = title or default_title, text or default_text
    if request.htmx.partial:
        return make_response(toasts([("bad", f"{title}. {text}")]), status)
    link, link_words = ("/customers", "Go to Customers") if is_signed_in() else ("/sign-in", "Sign in")
    return make_response(
        render_template("errors/page.html", title=title, sentences=[text], link=link, link_words=link_words), status
    )


def is_signed_in() -> bool:
    """Return whether a user is signed in; False while the database is unavailable, so that error pages work."""
    try:
        return bool(current_user.is_authenticated)
    except OperationalError:
        continue_anonymously()
        return False


def continue_anonymously() -> None:
    """Serve the rest of this request without the database, as to nobody."""
    db.session.rollback()
    serve_anonymously()


def _not_found(_error: Exception) -> Response:
    return page(404)


def _erased(_error: Exception) -> Response:
    return page(410)


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 - redirects
        return make_response(error.get_response())
    text = error.description if error.description != type(error).description else ""
    return page(error.code, text or "")


def _unexpected(error: Exception) -> Response:
    reference = uuid4().hex[:8]
    log.error("unexpected", reference=reference, path=request.path, exc_info=error)
    return page(
        500,
        "Nothing that was saved is lost. Go back and try again. "
        f"If it happens again, give support this reference: {reference}.",
    )
