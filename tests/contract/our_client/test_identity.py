"""Both exchanges at the token endpoint send what OAuth 2.0 asks for, and give every refusal the same name."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx2
import pytest

from posxero.xero import identity
from posxero.xero.errors import (
    CodeRefused,
    ConsentLost,
    Limited,
    OutcomeUnknown,
    RetryLater,
    Unavailable,
    Unreachable,
    XeroError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.settings import Settings

TOKENS = {"access_token": "access", "refresh_token": "refresh", "expires_in": 1800}
CODE, VERIFIER = "a-code", "a-verifier"

EXCHANGES: dict[str, tuple[Callable[[httpx2.Client, Settings], identity.IssuedTokens], type[XeroError]]] = {
    "code": (lambda http, settings: identity.exchange_code(http, settings, CODE, VERIFIER), CodeRefused),
    "refresh": (lambda http, settings: identity.refresh(http, settings, "old"), ConsentLost),
}


def answering(status: int, body: Any) -> httpx2.Client:
    return httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(status, json=body)))


def failing(error: type[httpx2.RequestError]) -> httpx2.Client:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error("no", request=request)

    return httpx2.Client(transport=httpx2.MockTransport(fail))


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_dead_grant_has_a_name_of_its_own(settings: Settings, exchange: str) -> None:
    call, dead = EXCHANGES[exchange]
    with pytest.raises(dead):
        call(answering(400, {"error": "invalid_grant"}), settings)


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_client"}, Unavailable),
        (400, "not an object", Unavailable),
        (302, {}, Unavailable),
        (500, {"error": "server_error"}, Unavailable),
        (503, {}, Unavailable),
        (429, {"error": "too_many"}, Limited),
        (200, {"access_token": "access"}, Unavailable),
        (200, TOKENS | {"refresh_token": ""}, Unavailable),
        (200, TOKENS | {"expires_in": 0}, Unavailable),
        (200, TOKENS | {"expires_in": "soon"}, Unavailable),
    ],
)
def test_every_other_response_may_be_tried_again(
    settings: Settings, exchange: str, status: int, body: Any, error: type[RetryLater]
) -> None:
    with pytest.raises(error):
        EXCHANGES[exchange][0](answering(status, body), settings)


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx2.ConnectError, Unreachable),
        (httpx2.ReadTimeout, OutcomeUnknown),
        (httpx2.RemoteProtocolError, OutcomeUnknown),
    ],
)
def test_no_response_has_a_name(
    settings: Settings, exchange: str, failure: type[httpx2.RequestError], error: type[XeroError]
) -> None:
    with pytest.raises(error):
        EXCHANGES[exchange][0](failing(failure), settings)


@pytest.mark.parametrize("secret", ["a-secret", ""])
def test_a_code_goes_with_its_verifier_and_the_app_says_who_it_is(settings: Settings, secret: str) -> None:
    settings = dataclasses.replace(settings, xero=dataclasses.replace(settings.xero, client_secret=secret))
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=TOKENS)

    identity.exchange_code(httpx2.Client(transport=httpx2.MockTransport(answer)), settings, CODE, VERIFIER)
    (request,) = requests
    form = dict(parse_qsl(request.content.decode()))
    assert (
        form.items()
        >= {
            "grant_type": "authorization_code",
            "code": CODE,
            "code_verifier": VERIFIER,
            "redirect_uri": f"{settings.public_url}/xero/callback",
        }.items()
    )
    credentials = base64.b64encode(f"{settings.xero.client_id}:{secret}".encode()).decode()
    assert request.headers.get("Authorization") == (f"Basic {credentials}" if secret else None)
    assert form.get("client_id") == (None if secret else settings.xero.client_id)
