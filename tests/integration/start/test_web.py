"""The web server under browsers as they are."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.support.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.integration.start.conftest import Web

    Serve = Callable[..., AbstractContextManager[Web]]

# What is tested knows no database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def web(serve: Serve) -> Iterator[Web]:
    with serve() as running:
        yield running


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_connections_that_browsers_open_in_advance_hold_nobody_up(web: Web) -> None:
    with ExitStack() as connections:
        for _ in range(5):
            connections.enter_context(web.connect())
        assert web.is_up(), "a connection that sends nothing stops the others"


def test_an_address_that_is_too_long_is_refused_in_words(web: Web) -> None:
    for length in (10_000, 60_000):
        answer = httpx2.get(f"{web.url}/customers", params={"q": "a" * length}, timeout=5)
        assert answer.status_code == 414
        assert "Search for fewer words." in answer.text


def test_a_body_that_is_too_large_is_refused_in_words(web: Web) -> None:
    answer = httpx2.post(f"{web.url}/sign-in", data={"email": "a" * 2 * 1024 * 1024}, timeout=5)
    assert answer.status_code == 413
    assert "too large" in answer.text
    said = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99000000\r\n\r\n"
    with web.connect(said) as large:
        assert large.recv(20).startswith(b"HTTP/1.1 413 ")


def test_sigterm_lets_a_request_at_hand_arrive_and_closes_the_rest(web: Web) -> None:
    with web.connect() as idle, web.connect(GET) as asking:
        web.send(signal.SIGTERM)
        asking.sendall(b"\r\n")
        assert asking.recv(20).startswith(b"HTTP/1.1 200 ")
        assert idle.recv(1) == b""
        assert web.wait() == 0
    assert not web.is_up()


def test_a_process_that_was_killed_is_replaced(web: Web) -> None:
    (first,) = children(web.pid)
    os.kill(first, signal.SIGKILL)
    until(lambda: [one for one in children(web.pid) if one != first and is_running(one)], "another one serves")
    until(web.is_up, "it answers")


def test_nothing_serves_when_the_parent_was_killed(web: Web) -> None:
    (serving,) = children(web.pid)
    web.kill()
    until(lambda: not is_running(serving), "the process that serves ends", seconds=5)
