"""Whatever comes back to our client other than a good answer has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx2
import pytest

from posxero.xero.client import XeroClient
from posxero.xero.errors import (
    AccessDenied,
    ConsentLost,
    Limited,
    OutcomeUnknown,
    TokenExpired,
    TooLarge,
    TooSlow,
    Unavailable,
    Unreachable,
)
from posxero.xero.exchange import MAX_RESPONSE_BYTES
from posxero.xero.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from posxero.settings import Settings
    from tests.support.practice_server import PracticeServer


def test_trouble_has_a_name(client: XeroClient, practice: PracticeServer) -> None:
    element = {"ContactID": practice.contacts()[0]["ContactID"], "FirstName": "A"}
    for kind, reading, writing in (
        ("500", Unavailable, Unavailable),
        ("503", Unavailable, Unavailable),
        ("drop_before", Unavailable, OutcomeUnknown),
        ("drop_after", Unavailable, OutcomeUnknown),
    ):
        practice.fault(kind, count=2)
        with pytest.raises(reading):
            client.organisation()
        with pytest.raises(writing):
            client.post_contacts([element])


def test_a_429_is_obeyed_without_asking_again(client: XeroClient, practice: PracticeServer) -> None:
    practice.fault("429", retry_after=40, problem="day")
    for _ in range(3):
        with pytest.raises(Limited) as caught:
            client.organisation()
        assert (caught.value.limit, 38 < caught.value.wait.total_seconds() <= 40) == ("day", True)
    assert len(practice.calls("/api.xro")) == 1


def test_an_expired_token_is_said(client: XeroClient, practice: PracticeServer) -> None:
    practice.fault("expire_tokens")
    with pytest.raises(TokenExpired):
        client.organisation()


def test_a_consent_without_the_scope_is_lost(settings: Settings, http: httpx2.Client, practice: PracticeServer) -> None:
    access = practice.tokens(scope="offline_access accounting.settings.read")["access_token"]
    client = XeroClient(http, practice.url, UUID(practice.tenant), access, Limits.connect(settings))
    with pytest.raises(ConsentLost, match="did not allow"):
        client.contacts_page(1, 100)


def test_another_organisation_is_not_let_in(settings: Settings, http: httpx2.Client, practice: PracticeServer) -> None:
    access = str(practice.tokens()["access_token"])
    client = XeroClient(http, practice.url, uuid4(), access, Limits.connect(settings))
    with pytest.raises(AccessDenied):
        client.organisation()


def test_nobody_at_the_address(settings: Settings, http: httpx2.Client) -> None:
    client = XeroClient(http, "http://127.0.0.1:9", uuid4(), "token", Limits.connect(settings))
    with pytest.raises(Unreachable):
        client.organisation()


def test_no_redirect_is_followed(answered: Callable[..., XeroClient]) -> None:
    seen = []

    def elsewhere(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.host)
        return httpx2.Response(307, headers={"Location": "http://evil.example/"})

    with pytest.raises(Unavailable):
        answered(elsewhere).organisation()
    assert seen == ["xero.example"]


def test_a_giant_answer_is_refused_in_words(answered: Callable[..., XeroClient]) -> None:
    giant = b" " * (MAX_RESPONSE_BYTES + 1)
    with pytest.raises(TooLarge, match="larger than 32 MB"):
        answered(lambda _: httpx2.Response(200, content=giant)).contacts_page(1, 1000)
    with pytest.raises(OutcomeUnknown, match="larger than 32 MB"):
        answered(lambda _: httpx2.Response(200, content=giant)).put_contact({"Name": "A"}, "key")


def test_an_answer_for_fewer_contacts_is_not_believed(answered: Callable[..., XeroClient]) -> None:
    client = answered(lambda _: httpx2.Response(200, content=b'{"Contacts": []}'))
    with pytest.raises(OutcomeUnknown, match="0 of 1"):
        client.post_contacts([{"ContactID": str(uuid4())}])


@pytest.mark.parametrize("body", [b"{}", b'{"Organisations": []}', b'{"Organisations": [{}]}'])
def test_an_organisation_without_a_name_is_not_believed(answered: Callable[..., XeroClient], body: bytes) -> None:
    with pytest.raises(Unavailable):
        answered(lambda _: httpx2.Response(200, content=body)).organisation()


def test_no_answer_in_time(answered: Callable[..., XeroClient]) -> None:
    def slow(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("slow", request=request)

    with pytest.raises(TooSlow):
        answered(slow).contacts_page(1, 1000)
    with pytest.raises(OutcomeUnknown):
        answered(slow).put_contact({"Name": "A"}, "key")
