"""The answers that are not about a contact: envelopes, problems, plain refusals."""

import json
from typing import Any
from uuid import uuid4

from flask import Response

from posxero.practice import xero_dates
from posxero.practice.limits import Refusal

PROVIDER = "Retail POS"  # the app's name, which Xero repeats in every envelope
JSON = "application/json; charset=utf-8"
NOT_FOUND = "The resource you're looking for cannot be found"
OFFLINE = "The Xero API is currently offline for maintenance"
VALIDATION, QUERY, UNREADABLE = 10, 16, 17  # ErrorNumber; Xero's page on response codes
TYPES = {VALIDATION: "ValidationException", QUERY: "QueryParseException", UNREADABLE: "PostDataInvalidException"}


def as_json(body: Any, status: int = 200) -> Response:
    """Answer JSON."""
    return Response(dumped(body), status, content_type=JSON)


def dumped(body: Any) -> bytes:
    """Return JSON as Xero writes it: text beyond ASCII as it is, lone surrogates as escapes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def envelope(plural: str, elements: list[Any], now: int, pagination: dict[str, int] | None = None) -> Response:
    """Answer elements in Xero's envelope; `pagination` only where a page was asked for."""
    body: dict[str, Any] = {
        "Id": str(uuid4()),
        "Status": "OK",
        "ProviderName": PROVIDER,
        "DateTimeUTC": xero_dates.without_offset(now),
    }
    if pagination is not None:
        body["pagination"] = pagination
    return as_json(body | {plural: elements})


def refused(number: int, message: str, elements: list[Any] | None = None) -> Response:
    """Answer 400 with Xero's error object."""
    body: dict[str, Any] = {"ErrorNumber": number, "Type": TYPES[number], "Message": message}
    return as_json(body | ({} if elements is None else {"Elements": elements}), 400)


def problem(status: int, title: str, detail: str, *, authenticate: str = "") -> Response:
    """Answer a problem object; `authenticate` is its WWW-Authenticate header."""
    instance = str(uuid4())
    body: dict[str, Any] = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": instance,
        "Extensions": {},
    }
    response = as_json(body, status)
    if authenticate:
        response.headers["WWW-Authenticate"] = authenticate
    return response


def not_found() -> Response:
    """Answer 404 as Xero does: not JSON."""
    return Response(NOT_FOUND, 404, content_type="text/html; charset=utf-8")


def offline() -> Response:
    """Answer 503 as Xero does: plain text."""
    return Response(OFFLINE, 503, content_type="text/plain; charset=utf-8")


def broken() -> Response:
    """Answer 500."""
    return as_json({"ErrorNumber": 0, "Type": "Exception", "Message": "An error occurred in Xero."}, 500)


def too_many(refusal: Refusal) -> Response:
    """Answer 429: no body, the problem's name, and the wait where Xero tells one."""
    response = Response(b"", 429)
    response.headers["X-Rate-Limit-Problem"] = refusal.problem
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
