"""Turn a response of Xero that is no success into an error. Its body may be JSON, text, HTML or empty."""

import random
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from posxero.xero.decoding import decode
from posxero.xero.errors import (
    AccessDenied,
    ConsentLost,
    Limited,
    Missing,
    OrganisationOffline,
    OutcomeUnknown,
    Refused,
    TokenExpired,
    TooLarge,
    Unavailable,
    XeroError,
)
from posxero.xero.exchange import Response
from posxero.xero.shapes import ErrorResponse

MAX_RAW_LENGTH = 4000  # characters of a response that are kept for the owner
MIN_CONCURRENT_WAIT = timedelta(seconds=1)  # a 429 for calls at once has no Retry-After; a random part is added
DEFAULT_RETRY_AFTER = timedelta(seconds=30)  # where a 429 should have a Retry-After and has none
MAX_RETRY_AFTER = timedelta(seconds=10**6)
RETRYABLE_STATUSES = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)  # 4xx that say nothing against the request
GATEWAY_STATUSES = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)  # a proxy gave up; Xero may go on

OFFLINE_ORGANISATION = b"organisation is offline"  # in the text of a 503
OFFLINE_REASON = "Your organisation is offline in Xero at the moment."
MISSING_SCOPE = (
    "Xero did not allow this app to read and change contacts and invoices. "
    "Connect again and allow everything it asks for."
)
APP_DISCONNECTED = "Xero says that this app was disconnected from the organisation. Connect again to continue."
ACCESS_REMOVED = "Xero no longer gives this app access to the organisation. Connect again to continue."


def error_for(response: Response, *, is_read: bool) -> XeroError:
    """Return the error that a response other than 2xx means.

    Args:
        response: The response.
        is_read: The request only read, so that it may be repeated whatever became of it.
    """
    specific = ERRORS_BY_STATUS.get(response.status)
    if specific is not None:
        return specific(response)
    if response.status in GATEWAY_STATUSES and not is_read:
        return OutcomeUnknown(f"Xero answered {response.status}")
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE and OFFLINE_ORGANISATION in response.body.lower():
        return OrganisationOffline(OFFLINE_REASON, status=response.status)
    if 400 <= response.status < 500 and response.status not in RETRYABLE_STATUSES:  # noqa: PLR2004 - client errors
        return _refused(response)
    return Unavailable(f"Xero answered {response.status}", status=response.status)


def rate_limit_error(response: Response) -> Limited:
    """Return the error of a 429: which limit was reached, and how long to wait.

    Xero names ``minute``, ``day``, ``concurrent`` or the app's minute, and mostly the seconds to wait.
    """
    named = response.headers.get("X-Rate-Limit-Problem", "").lower()
    limit = "appminute" if "app" in named else "day" if named.startswith(("day", "dai")) else named or "minute"
    retry_after = response.headers.get("Retry-After", "").strip()
    if retry_after.isascii() and retry_after.isdigit():
        return Limited(limit, min(timedelta(seconds=int(retry_after[:9])), MAX_RETRY_AFTER))
    if limit == "concurrent":
        return Limited(limit, MIN_CONCURRENT_WAIT * (1 + random.random()))  # noqa: S311 - not a secret
    return Limited(limit, DEFAULT_RETRY_AFTER)


def raw_json(element: msgspec.Struct) -> str:
    """Return what Xero said about one element as JSON, shortened, for the owner to read."""
    return msgspec.json.encode(element).decode()[:MAX_RAW_LENGTH]


def _access_error(response: Response) -> XeroError:
    """Return what a 401 or 403 means."""
    challenge = response.headers.get("WWW-Authenticate", "").lower()
    detail = _error_response(response).detail or ""
    # Xero's own page spells it "insufficent_scope".
    if "insufficent_scope" in challenge or "insufficient_scope" in challenge or detail == "AuthorizationUnsuccessful":
        return ConsentLost(MISSING_SCOPE)
    if response.status == HTTPStatus.UNAUTHORIZED:
        return TokenExpired(detail or "Xero answered 401")
    if detail:
        return AccessDenied(APP_DISCONNECTED)
    if not response.body.strip():
        return AccessDenied(ACCESS_REMOVED)
    return _refused(response)  # a firewall or proxy between us and Xero: it says nothing about the consent


def _refused(response: Response) -> Refused:
    error = _error_response(response)
    messages = [message for element in error.elements or () for message in element.error_messages]
    message = " ".join(messages) or error.message or error.detail or f"Xero answered {response.status}"
    return Refused(message, error.elements or (), raw=_raw(response))


def _error_response(response: Response) -> ErrorResponse:
    try:
        return decode(response.body, ErrorResponse)
    except Unavailable:
        return ErrorResponse()


def _raw(response: Response) -> str:
    return response.body.decode(errors="replace").replace("\0", "\ufffd")[:MAX_RAW_LENGTH]


ERRORS_BY_STATUS: Final[dict[int, Callable[[Response], XeroError]]] = {
    401: _access_error,
    403: _access_error,
    404: lambda response: Missing("Xero has nothing under this id", raw=_raw(response)),
    413: lambda response: TooLarge("Xero says that the request is too large", raw=_raw(response)),
    429: rate_limit_error,
}
