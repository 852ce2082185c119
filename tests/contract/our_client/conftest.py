"""Our client, of Practice Xero and of a Xero that answers only what a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx2
import pytest

from posxero.settings import Settings
from posxero.xero.client import XeroClient
from posxero.xero.limits import Limits
from tests.support.practice_server import NO_TLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.practice_server import PracticeServer


@pytest.fixture
def settings(environment: dict[str, str], redis_url: str, practice: PracticeServer) -> Settings:
    return Settings.from_env({**environment, **practice.environment(), "POSXERO_REDIS_URL": redis_url})


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=5, verify=NO_TLS) as client:
        yield client


@pytest.fixture
def access(practice: PracticeServer) -> str:
    return str(practice.tokens()["access_token"])


@pytest.fixture
def client(settings: Settings, http: httpx2.Client, practice: PracticeServer, access: str) -> XeroClient:
    return XeroClient(http, practice.url, UUID(practice.tenant), access, Limits.connect(settings))


@pytest.fixture
def answered(settings: Settings) -> Callable[..., XeroClient]:
    """Make a client of a Xero that answers only this."""

    def make(answer: Callable[[httpx2.Request], httpx2.Response]) -> XeroClient:
        http = httpx2.Client(transport=httpx2.MockTransport(answer))
        return XeroClient(http, "http://xero.example", uuid4(), "token", Limits.connect(settings))

    return make
