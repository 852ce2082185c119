"""503: the database is busy or cannot be used. What was typed comes back, with a button that sends it again.

Nothing here asks the database: not even who is signed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import structlog
from flask import Flask, Response, g, has_request_context, make_response, render_template
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from posxero.db.failures import Failure, failure_of
from posxero.db.session import db
from posxero.domain.fields import FIELDS
from posxero.web.errors import forget_who
from posxero.web.htmx import request, toasts

log = structlog.get_logger(__name__)

STATUS = 503
RETRY_AFTER = 5  # seconds
WORDS = {
    Failure.BUSY: ("Retail POS is busy", "Other changes were being saved, and yours had to wait too long."),
    Failure.FULL: ("Retail POS cannot save", "The database's disk is full."),
    Failure.AWAY: ("Retail POS is not ready", "The database cannot be reached."),
    Failure.OTHER: ("Retail POS is not ready", "The database had an error."),
}
NOT_SAVED = "Nothing was saved."
MAYBE_SAVED = "It may have been saved anyway: check before you send it again."
LABELS = {
    "role": "Role",
    "country": "Country",
    "timezone": "Time zone",
    "currency": "Currency",
    **{field.key: field.full_label for field in FIELDS},
}
KINDS = {field.key: field.kind for field in FIELDS}
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Typed:
    """A form that was sent: what is sent again unseen, what is shown, and what must be typed again."""

    fields: Pairs  # name and value, in the order of the form
    shown: Pairs  # label and value
    secrets: Pairs  # name and label

    @classmethod
    def sent(cls) -> Self:
        """Read the request's form. No password is kept, nor the token of the page."""
        given = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        fields = [(name, value) for name, value in given if not (value and _is_secret(name))]
        shown = [(LABELS[name], _in_words(name, value)) for name, value in fields if name in LABELS and value]
        secrets = {name: name.replace("_", " ").capitalize() for name, value in given if value and _is_secret(name)}
        return cls(fields, shown, list(secrets.items()))


def init_app(app: Flask) -> None:
    """Answer what the database could not do, and note what it may have done."""
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    with app.app_context():
        event.listen(db.engine, "commit", _note_commit)


def _note_commit(connection: Connection) -> None:
    """Note, before a commit, that what this request wrote may be saved from here on."""
    if has_request_context() and connection.get_execution_options().get("writes"):
        g.may_be_saved = True


def _unavailable(error: OperationalError | PoolTimeout) -> Response:
    failure = failure_of(error)
    log.error("database_unavailable", failure=failure.name.lower(), error=str(getattr(error, "orig", error)))
    forget_who()
    answer = _answer(*WORDS[failure])
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _answer(title: str, text: str) -> Response:
    """Answer a page; to htmx, which leaves the form as it is, a toast."""
    posted = request.method == "POST"
    outcome = MAYBE_SAVED if g.get("may_be_saved") else NOT_SAVED
    sentences = [f"{text} {outcome}" if posted else f"{text} Try again in a minute."]
    here = request.full_path.removesuffix("?")
    if request.htmx:
        return make_response(toasts([("bad", f"{title}. {' '.join(sentences)}")]), STATUS)
    if posted:
        page = render_template("errors/unavailable.html", title=title, sentences=sentences, to=here, typed=Typed.sent())
    else:
        page = render_template("errors/page.html", title=title, sentences=sentences, link=here, link_words="Try again")
    return make_response(page, STATUS)


def _in_words(name: str, value: str) -> str:
    kind = KINDS.get(name)
    return kind.in_words(value) if kind else value


def _is_secret(name: str) -> bool:
    return "password" in name.casefold()
