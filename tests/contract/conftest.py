"""A Practice Xero with a clock of its own, and two clients of it: plain HTTP, and Xero's official SDK."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
from xero_python.identity import IdentityApi

from tests.support.practice_server import NO_TLS, SCOPE, PracticeServer

API = "/api.xro/2.0"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    moment: datetime = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.forward(seconds=seconds)


@dataclass
class Api:
    """Calls the Accounting API with a good token for the first organisation."""

    http: httpx2.Client

    def get(self, path: str, **parameters: Any) -> httpx2.Response:
        return self.http.get(f"{API}{path}", params=parameters)

    def put(self, *elements: dict[str, Any], **parameters: Any) -> httpx2.Response:
        return self.http.put(f"{API}/Contacts", json={"Contacts": elements}, params=parameters)

    def post(self, *elements: dict[str, Any], **parameters: Any) -> httpx2.Response:
        return self.http.post(f"{API}/Contacts", json={"Contacts": elements}, params=parameters)

    def listed(self, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.get("/Contacts", **parameters)
        assert answer.status_code == 200, answer.text
        contacts: list[dict[str, Any]] = answer.json()["Contacts"]
        return contacts

    def names(self, **parameters: Any) -> list[str]:
        return [contact["Name"] for contact in self.listed(**parameters)]


class Sdk:
    """The SDK with its token store, pointed at Practice Xero."""

    def __init__(self, server: PracticeServer, tokens: dict[str, Any]) -> None:
        self.tenant = server.tenant
        self.token = dict(tokens) | {"expires_at": None, "id_token": None}
        configuration = Configuration(oauth2_token=OAuth2Token(server.client_id, server.client_secret))
        self.client = ApiClient(
            configuration, oauth2_token_getter=lambda: self.token, oauth2_token_saver=self.token.update
        )
        self.accounting = AccountingApi(self.client, base_url=f"{server.url}{API}")
        self.identity = IdentityApi(self.client, base_url=server.url)

    def contacts(self, **asked: Any) -> list[Any]:
        found: list[Any] = self.accounting.get_contacts(self.tenant, **asked).contacts
        return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(tmp_path: Path, clock: Clock) -> Iterator[PracticeServer]:
    server = PracticeServer(tmp_path / "practice.db", clock=clock, sleep=clock.sleep)
    yield server
    server.stop()


@pytest.fixture
def tokens(practice: PracticeServer) -> dict[str, Any]:
    return practice.tokens(scope=f"{SCOPE} accounting.settings accounting.payments")


@pytest.fixture
def api(practice: PracticeServer, tokens: dict[str, Any]) -> Iterator[Api]:
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "xero-tenant-id": practice.tenant}
    with httpx2.Client(base_url=practice.url, headers=headers, timeout=10, verify=NO_TLS) as http:
        yield Api(http)


@pytest.fixture
def sdk(practice: PracticeServer, tokens: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sdk]:
    monkeypatch.setattr(TokenApi, "refresh_token_url", f"{practice.url}/connect/token")
    made = Sdk(practice, tokens)
    yield made
    made.client.rest_client.pool_manager.clear()
