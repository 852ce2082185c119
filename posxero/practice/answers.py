"""Build answers that are not about one resource: envelopes, problem objects and refusals."""

import json
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import uuid4

from flask import Response

from posxero.practice import xero_dates
from posxero.practice.limits import LimitExceeded

PROVIDER_NAME = "Retail POS"  # the app's name, which Xero repeats in every envelope
JSON_TYPE = "application/json; charset=utf-8"
NOT_FOUND_TEXT = "The resource you're looking for cannot be found"
VALIDATION_MESSAGE = "A validation exception occurred"
OFFLINE_TEXT = "The Xero API is currently offline for maintenance"
VALIDATION, QUERY, UNREADABLE = 10, 16, 17  # ErrorNumber; Xero's page on response codes
ERROR_TYPES = {VALIDATION: "ValidationException", QUERY: "QueryParseException", UNREADABLE: "PostDataInvalidException"}


def json_answer(body: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(encode(body), status, content_type=JSON_TYPE)


def encode(body: Any) -> bytes:
    """Return JSON as Xero writes it: text beyond ASCII as it is, lone surrogates as escapes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def envelope(plural: str, elements: list[Any], now: int, pagination: dict[str, int] | None = None) -> Response:
    """Return elements in Xero's envelope; `pagination` is given only if a page was asked for."""
    body: dict[str, Any] = {
        "Id": str(uuid4()),
        "Status": "OK",
        "ProviderName": PROVIDER_NAME,
        "DateTimeUTC": xero_dates.format_without_offset(now),
    }
    if pagination is not None:
        body["pagination"] = pagination
    return json_answer(body | {plural: elements})


class Outcome(Protocol):
    """The outcome of one element of a write; without messages it was written."""

    @property
    def messages(self) -> list[str]:
        """Return the validation errors."""

    def as_element(self, *, with_status: bool) -> dict[str, Any]:
        """Return the element of the answer; `with_status` adds its StatusAttributeString."""


def write_answer(plural: str, outcomes: Sequence[Outcome], *, is_summarized: bool, now: int) -> Response:
    """Answer a write: if errors are summarized, one refused element makes it 400 and only refused ones are answered."""
    refused = [outcome.as_element(with_status=False) for outcome in outcomes if outcome.messages]
    if refused and is_summarized:
        return bad_request(VALIDATION, VALIDATION_MESSAGE, refused)
    return envelope(plural, [outcome.as_element(with_status=not is_summarized) for outcome in outcomes], now)


def bad_request(number: int, message: str, elements: list[Any] | None = None) -> Response:
    """Return 400 with Xero's error object."""
    body: dict[str, Any] = {"ErrorNumber": number, "Type": ERROR_TYPES[number], "Message": message}
    return json_answer(body | ({} if elements is None else {"Elements": elements}), 400)


def problem(status: int, title: str, detail: str, *, authenticate: str = "") -> Response:
    """Return a problem object; `authenticate` is its WWW-Authenticate header."""
    instance = str(uuid4())
    body: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": instance,
        "Extensions": {},
    }
    response = json_answer(body, status)
    if authenticate:
        response.headers["WWW-Authenticate"] = authenticate
    return response


def not_found() -> Response:
    """Return 404 as Xero does: not as JSON."""
    return Response(NOT_FOUND_TEXT, 404, content_type="text/html; charset=utf-8")


def offline(text: str = "") -> Response:
    """Return 503 as Xero does: as plain text."""
    return Response(text or OFFLINE_TEXT, 503, content_type="text/plain; charset=utf-8")


def server_error() -> Response:
    """Return 500."""
    return json_answer({"ErrorNumber": 0, "Type": "Exception", "Message": "An error occurred in Xero."}, 500)


def too_many_requests(exceeded: LimitExceeded) -> Response:
    """Return 429 without a body, with the name of the limit and Retry-After if Xero sends one."""
    response = Response(b"", 429)
    response.headers["X-Rate-Limit-Problem"] = exceeded.problem
    if exceeded.retry_after is not None:
        response.headers["Retry-After"] = str(exceeded.retry_after)
    return response
