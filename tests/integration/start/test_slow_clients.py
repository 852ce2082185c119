"""Clients that send slowly, or stop in the middle: they cost a connection, and hold nobody up."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.support import factories, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from posxero.db.business import Business, User
    from tests.integration.start.conftest import Web

    Serve = Callable[..., AbstractContextManager[Web]]

# What is tested knows no database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
HALF = 200  # requests that are not complete
HOST = b"Host: 127.0.0.1\r\n"
HEADERS = b"GET /customers HTTP/1.1\r\n" + HOST + b"X-Slow: a"
BODY = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\nemail="
SHORT = {"POSXERO_HEADER_SECONDS": "0.5", "POSXERO_BODY_SECONDS": "0.5", "POSXERO_BODY_RATE": "1000"}


@pytest.fixture
def web(serve: Serve) -> Iterator[Web]:
    """A server that is quick to lose its patience."""
    with serve(**SHORT) as running:
        yield running


def seconds(asked: Callable[[], httpx2.Response], status: int) -> float:
    began = time.monotonic()
    assert asked().status_code == status
    return time.monotonic() - began


@pytest.mark.parametrize("half", [b"", HEADERS, BODY % 5000], ids=["nothing", "headers", "body"])
def test_200_half_sent_requests_hold_nobody_up(
    serve: Serve, session: Session, business: Business, owner: User, environment: dict[str, str], half: bytes
) -> None:
    ann = factories.add_contact(session, business, email="ann@x.example")
    cookie = people.cookie_of(session, owner, environment["POSXERO_SECRET_KEY"])
    with serve(workers=2) as web, ExitStack() as connections:
        for _ in range(HALF):
            connections.enter_context(web.connect(half))
        browser = connections.enter_context(httpx2.Client(base_url=web.url, timeout=5))
        browser.cookies.set("posxero", cookie, domain="127.0.0.1")
        assert seconds(lambda: browser.get("/healthz"), 200) < 1
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(f"/customers/{ann.id}/edit").text)
        assert token
        typed = {"csrf_token": token[1], "name": "Ann Jones", "version": "1"}
        assert seconds(lambda: browser.post(f"/customers/{ann.id}/edit", data=typed), 303) < 1
    session.refresh(ann)
    assert ann.name == "Ann Jones"


@pytest.mark.parametrize("half", [HEADERS, BODY % 5000], ids=["headers", "body"])
def test_what_does_not_arrive_in_time_is_refused_in_words(web: Web, half: bytes) -> None:
    with web.connect(half) as slow:
        answer = slow.makefile("rb").read().decode()  # until the server closes
    assert answer.startswith("HTTP/1.1 408 ")
    assert "didn't arrive in time" in answer


def test_a_body_that_drips_is_refused(web: Web) -> None:
    with web.connect(BODY % 5000) as slow:
        slow.settimeout(0.1)
        for _ in range(100):
            try:
                answer = slow.recv(20)
            except TimeoutError:
                slow.sendall(b"a")
            else:
                assert answer.startswith(b"HTTP/1.1 408 ")
                return
    raise AssertionError("one byte each tenth of a second is not too slow")


def test_a_slow_upload_of_some_rate_gets_through(web: Web) -> None:
    size = 6000
    with web.connect(BODY % (size + len("email="))) as slow:
        began = time.monotonic()
        for _ in range(20):
            slow.sendall(b"a" * (size // 20))
            time.sleep(0.1)
        answer = slow.recv(20)
    assert time.monotonic() - began > 2 * 0.5, "as quick as any"
    assert answer.startswith(b"HTTP/1.1 400 "), "the app answers that the form has no token"


def test_a_connection_serves_one_request_after_another(web: Web) -> None:
    with web.connect() as kept:
        for path in (b"/healthz", b"/static/app.css", b"/nowhere"):
            kept.sendall(b"HEAD " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")
            answer = kept.recv(65536).lower()
            assert answer.startswith(b"http/1.1 ")
            assert b"connection: close" not in answer
            assert b"server:" not in answer
