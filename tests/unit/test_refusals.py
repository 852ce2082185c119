"""What an answer of Xero that is not a success means."""

from datetime import timedelta

import pytest

from posxero.xero.errors import (
    AccessDenied,
    ConsentLost,
    Limited,
    Missing,
    OrganisationOffline,
    OutcomeUnknown,
    Refused,
    RetryLater,
    TokenExpired,
    TooLarge,
    Unavailable,
    XeroError,
)
from posxero.xero.exchange import Response
from posxero.xero.refusals import error_for, rate_limit_error

EXPIRED = b'{"Type":null,"Title":"Unauthorized","Status":401,"Detail":"TokenExpired: token expired at 08/12/2022"}'
REMOVED = b'{"Type":null,"Title":"Forbidden","Status":403,"Detail":"AuthenticationUnsuccessful"}'
DUPLICATE = b"""{"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred",
  "Elements": [{"ContactID": "00000000-0000-0000-0000-000000000000", "Name": "Ann", "HasValidationErrors": true,
  "ValidationErrors": [{"Message": "The contact name Ann is already assigned to another contact."}]}]}"""


@pytest.mark.parametrize(
    ("status", "body", "reads", "kind"),
    [
        (400, DUPLICATE, False, Refused),
        (400, b"not JSON", False, Refused),
        (401, EXPIRED, True, TokenExpired),
        (401, b"", True, TokenExpired),
        (401, b'{"Detail":"AuthorizationUnsuccessful"}', True, ConsentLost),
        (403, REMOVED, True, AccessDenied),
        (403, b"", True, AccessDenied),
        (403, b"<html>a firewall</html>", False, Refused),
        (404, b"<html>The resource you're looking for cannot be found</html>", True, Missing),
        (412, b"", False, Refused),
        (413, b"", False, TooLarge),
        (429, b"", False, Limited),
        (302, b"", True, Unavailable),
        (408, b"", True, Unavailable),
        (500, b"<html>", False, Unavailable),
        (501, b"", False, Unavailable),
        (502, b"", False, OutcomeUnknown),
        (502, b"", True, Unavailable),
        (503, b"The Xero API is currently offline for maintenance", False, Unavailable),
        (503, b"The Organisation is offline", False, OrganisationOffline),
        (504, b"", False, OutcomeUnknown),
    ],
)
def test_each_answer_has_its_meaning(status: int, body: bytes, reads: bool, kind: type[XeroError]) -> None:  # noqa: FBT001
    assert type(error_for(Response(status, {}, body), is_read=reads)) is kind


@pytest.mark.parametrize("spelling", ['error="insufficent_scope"', 'error="insufficient_scope"', "Insufficient_Scope"])
def test_a_missing_scope_is_not_an_expired_token(spelling: str) -> None:
    error = error_for(Response(401, {"WWW-Authenticate": f"Bearer {spelling}"}, EXPIRED), is_read=True)
    assert isinstance(error, ConsentLost)


def test_a_removed_app_is_not_let_into_that_organisation() -> None:
    error = error_for(Response(403, {}, REMOVED), is_read=True)
    assert isinstance(error, AccessDenied)
    assert "disconnected" in error.reason


def test_a_refusal_says_xeros_words_and_keeps_its_elements() -> None:
    error = error_for(Response(400, {}, DUPLICATE), is_read=False)
    assert isinstance(error, Refused)
    assert error.message == "The contact name Ann is already assigned to another contact."
    assert [element.name for element in error.elements] == ["Ann"]
    assert '"ErrorNumber": 10' in error.raw


def test_a_long_answer_is_shortened_and_made_storable() -> None:
    error = error_for(Response(400, {}, b"\0" + b"x" * 10**6), is_read=False)
    assert isinstance(error, Refused)
    assert len(error.raw) == 4000
    assert "\0" not in error.raw


@pytest.mark.parametrize(
    ("headers", "why", "least", "most"),
    [
        ({"X-Rate-Limit-Problem": "minute", "Retry-After": "26"}, "minute", 26, 26),
        ({"X-Rate-Limit-Problem": "day", "Retry-After": "7200"}, "day", 7200, 7200),
        ({"X-Rate-Limit-Problem": "Daily", "Retry-After": "5"}, "day", 5, 5),
        ({"X-Rate-Limit-Problem": "concurrent"}, "concurrent", 1, 2),
        ({"X-Rate-Limit-Problem": "appminute", "Retry-After": "3"}, "appminute", 3, 3),
        ({"X-Rate-Limit-Problem": "AppMin", "Retry-After": "3"}, "appminute", 3, 3),
        ({}, "minute", 30, 30),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "minute", 30, 30),
        ({"Retry-After": "99999999999999999999"}, "minute", 10**6, 10**6),
        ({"Retry-After": "-5"}, "minute", 30, 30),
    ],
)
def test_a_limit_says_why_and_how_long(headers: dict[str, str], why: str, least: float, most: float) -> None:
    error = rate_limit_error(Response(429, headers, b""))
    assert error.limit == why
    assert timedelta(seconds=least) <= error.wait <= timedelta(seconds=most)
    assert isinstance(error, RetryLater)
