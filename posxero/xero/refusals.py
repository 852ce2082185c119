"""What an answer of Xero that is not a success means. Its body may be JSON, text, HTML or empty."""

import random
from datetime import timedelta
from http import HTTPStatus

import msgspec

from posxero.xero.decoding import decode
from posxero.xero.errors import (
    AccessDenied,
    ConsentLost,
    Limited,
    Missing,
    OutcomeUnknown,
    Refused,
    TokenExpired,
    TooLarge,
    Unavailable,
    XeroError,
)
from posxero.xero.exchange import Answer
from posxero.xero.shapes import Problem

RAW = 4000  # characters of an answer that are kept for the owner
AT_ONCE = timedelta(seconds=1)  # a 429 for calls at once names no time; plus as much by chance
UNNAMED = timedelta(seconds=30)  # a 429 that should name a time and does not
TRY_AGAIN = (408, 425)  # 4xx that say nothing against the request
GATEWAY = (502, 504)  # somebody between us and Xero gave up; Xero may go on
SCOPE = "Xero did not allow this app to read and change contacts. Connect again and allow everything it asks for."
REMOVED = "Xero says that this app was disconnected from the organisation. Connect again to continue."
CLOSED = "Xero no longer gives this app access to the organisation. Connect again to continue."


def refusal(answer: Answer, *, reads: bool) -> XeroError:
    """Tell what an answer other than 2xx means."""
    meaning = {401: _not_let_in, 403: _not_let_in, 404: _missing, 413: _too_large, 429: limited}.get(answer.status)
    if meaning is not None:
        return meaning(answer)
    if answer.status in GATEWAY and not reads:
        return OutcomeUnknown(f"Xero answered {answer.status}")
    if 400 <= answer.status < 500 and answer.status not in TRY_AGAIN:  # noqa: PLR2004 - the client's side
        return _refused(answer)
    return Unavailable(f"Xero answered {answer.status}", status=answer.status)


def limited(answer: Answer) -> Limited:
    """Read a 429. Xero names ``minute``, ``day``, ``concurrent`` or the app's minute; seconds to wait, mostly."""
    told = answer.headers.get("X-Rate-Limit-Problem", "").lower()
    why = "appminute" if "app" in told else "day" if told.startswith(("day", "dai")) else told or "minute"
    after = answer.headers.get("Retry-After", "").strip()
    if after.isascii() and after.isdigit():
        return Limited(why, timedelta(seconds=min(int(after[:9]), 10**6)))
    if why == "concurrent":
        return Limited(why, AT_ONCE * (1 + random.random()))  # noqa: S311 - not a secret
    return Limited(why, UNNAMED)


def _missing(answer: Answer) -> Missing:
    return Missing("Xero has nothing under this id", raw=_raw(answer))


def _too_large(answer: Answer) -> TooLarge:
    return TooLarge("Xero says that the request is too large", raw=_raw(answer))


def _not_let_in(answer: Answer) -> XeroError:
    asked = answer.headers.get("WWW-Authenticate", "").lower()
    detail = _problem(answer).detail or ""
    # Xero's own page spells it "insufficent_scope".
    if "insufficent_scope" in asked or "insufficient_scope" in asked or detail == "AuthorizationUnsuccessful":
        return ConsentLost(SCOPE)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return TokenExpired(detail or "Xero answered 401")
    if detail:
        return AccessDenied(REMOVED)
    if not answer.body.strip():
        return AccessDenied(CLOSED)
    return _refused(answer)  # somebody between us and Xero: it says nothing of the consent


def _refused(answer: Answer) -> Refused:
    problem = _problem(answer)
    words = [word for element in problem.elements or () for word in element.complaints]
    message = " ".join(words) or problem.message or problem.detail or f"Xero answered {answer.status}"
    return Refused(message, problem.elements or (), raw=_raw(answer))


def _problem(answer: Answer) -> Problem:
    try:
        return decode(answer.body, Problem)
    except Unavailable:
        return Problem()


def _raw(answer: Answer) -> str:
    return answer.body.decode(errors="replace").replace("\0", "\ufffd")[:RAW]


def raw_of(element: msgspec.Struct) -> str:
    """Give Xero's words about one contact as JSON, for the owner to read."""
    return msgspec.json.encode(element).decode()[:RAW]
