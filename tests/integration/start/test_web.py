"""The web server under browsers as they are."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.processes import Process, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def up(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


@pytest.fixture
def url(tmp_path: Path, environment: dict[str, str], database_url: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {**environment, "POSXERO_DATABASE_URL": database_url, "POSXERO_PUBLIC_URL": url}
    web = Process(["web", "--port", str(port), "--workers", "1"], settings, tmp_path / "web.log")
    try:
        until(lambda: web.said("") and up(url), f"something serves {url}")
        yield url
    finally:
        web.kill()


def test_connections_that_browsers_open_in_advance_hold_nobody_up(url: str) -> None:
    with ExitStack() as connections:
        for _ in range(5):
            connections.enter_context(socket.create_connection(("127.0.0.1", httpx2.URL(url).port or 80)))
        assert up(url), "a connection that sends nothing stops the others"


def test_an_address_that_is_too_long_is_refused_in_words(url: str) -> None:
    answer = httpx2.get(f"{url}/customers", params={"q": "a" * 10_000}, timeout=5)
    assert answer.status_code == 414
    assert "Search for fewer words." in answer.text
