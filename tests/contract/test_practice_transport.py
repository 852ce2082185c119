"""Answers that do not end, or not soon, and how they end all the same."""

import socket
import threading
import time
from collections.abc import Callable

import httpx2
import pytest

from tests.contract.conftest import API, Api
from tests.practice_server import PracticeServer

ENDLESS = ("empty_gzip", "early_hints", "header_drip", "body_drip")


def served_threads() -> int:
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def becomes_true(condition: Callable[[], bool]) -> bool:
    for _ in range(250):
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("kind", ENDLESS)
def test_it_ends_after_its_time(api: Api, practice: PracticeServer, kind: str) -> None:
    practice.fault(kind, seconds=0.3, every=0.02)
    began = time.monotonic()
    with pytest.raises(httpx2.RemoteProtocolError):
        api.get("/Contacts")
    assert time.monotonic() - began >= 0.3
    assert api.get("/Contacts").status_code == 200


@pytest.mark.parametrize("kind", [*ENDLESS, "hang_after", "huge"])
@pytest.mark.parametrize("end", ["caller", "server"])
def test_it_ends_with_its_caller_and_its_server(api: Api, practice: PracticeServer, kind: str, end: str) -> None:
    practice.fault(kind, every=0.05)
    request = api.http.build_request("GET", f"{API}/Contacts")
    lines = [f"GET {request.url.raw_path.decode()} HTTP/1.1", *(f"{k}: {v}" for k, v in request.headers.items())]
    with socket.create_connection(("127.0.0.1", practice.port), timeout=5) as caller:
        caller.sendall("\r\n".join([*lines, "", ""]).encode())
        assert becomes_true(lambda: bool(practice.calls(f"{API}/Contacts")))
        if end == "server":
            practice.stop()
            assert becomes_true(lambda: not served_threads())
    assert becomes_true(lambda: not served_threads())
