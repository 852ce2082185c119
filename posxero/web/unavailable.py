"""The 503 page for a busy or unavailable database: it returns what was typed, with a button that submits it again.

Nothing here uses the database, not even to know who is signed in.
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
from posxero.web.errors import continue_anonymously
from posxero.web.htmx import request, toasts

log = structlog.get_logger(__name__)

STATUS = 503
RETRY_AFTER = 5  # seconds
TEXTS = {  # title and first sentence
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
class SubmittedForm:
    """A submitted form: its fields to submit again, those to show, and the passwords to type again."""

    fields: Pairs  # name and value, in the order of the form
    shown: Pairs  # label and value
    secrets: Pairs  # name and label

    @classmethod
    def of_request(cls) -> Self:
        """Read the request's form, without passwords and the CSRF token."""
        submitted = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        fields = [(name, value) for name, value in submitted if not (value and _is_secret(name))]
        shown = [(LABELS[name], _in_words(name, value)) for name, value in fields if name in LABELS and value]
        secrets = {name: name.replace("_", " ").capitalize() for name, value in submitted if value and _is_secret(name)}
        return cls(fields, shown, list(secrets.items()))


def init_app(app: Flask) -> None:
    """Register the error handlers, and note commits whose outcome may be unknown."""
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(PoolTimeout, _unavailable)
    with app.app_context():
        event.listen(db.engine, "commit", _note_commit)


def _note_commit(connection: Connection) -> None:
    """Note before a commit that the writes of this request may be saved."""
    if has_request_context() and connection.get_execution_options().get("writes"):
        g.may_be_saved = True


def _unavailable(error: OperationalError | PoolTimeout) -> Response:
    failure = failure_of(error)
    log.error("database_unavailable", failure=failure.name.lower(), error=str(getattr(error, "orig", error)))
    continue_anonymously()
    response = _response(*TEXTS[failure])
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _response(title: str, text: str) -> Response:
    """Return a page; for htmx, which leaves the form in place, a toast."""
    posted = request.method == "POST"
    outcome = MAYBE_SAVED if g.get("may_be_saved") else NOT_SAVED
    sentences = [f"{text} {outcome}" if posted else f"{text} Try again in a minute."]
    path = request.full_path.removesuffix("?")
    if request.htmx:
        return make_response(toasts([("bad", f"{title}. {' '.join(sentences)}")]), STATUS)
    if posted:
        page = render_template(
            "errors/unavailable.html", title=title, sentences=sentences, to=path, typed=SubmittedForm.of_request()
        )
    else:
        page = render_template("errors/page.html", title=title, sentences=sentences, link=path, link_words="Try again")
    return make_response(page, STATUS)


def _in_words(name: str, value: str) -> str:
    kind = KINDS.get(name)
    return kind.in_words(value) if kind else value


def _is_secret(name: str) -> bool:
    return "password" in name.casefold()
