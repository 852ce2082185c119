"""Answers that do not end, or not soon, and how they end all the same."""

import socket
import threading
import time
from collections.abc import Callable

import httpx2
import pytest

from tests.contract.conftest import API, Api
from tests.support.practice_server import PracticeServer

ENDLESS = ("empty_gzip", "early_hints", "header_drip", "body_drip")


def served_threads() -> int:
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def becomes_true(condition: Callable[[], bool]) -> bool:
    for _ in range(250):
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("kind", ["header_drip", "body_drip"])
def test_an_answer_that_drips_to_its_end_is_whole(api: Api, practice: PracticeServer, kind: str) -> None:
    practice.fault(kind, every=0.0001)
    contact_id = practice.named("Only a Name")["ContactID"]
    answer = api.get("/Contacts", IDs=contact_id)
    assert answer.json()["Contacts"][0]["ContactID"] == contact_id
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_empty_blocks_hold_nothing_however_long_they_come(api: Api, practice: PracticeServer) -> None:
    practice.fault("empty_gzip", seconds=0.5, every=0.02)
    with api.http.stream("GET", f"{API}/Contacts") as answer:
        pieces = answer.iter_bytes()
        with pytest.raises(httpx2.RemoteProtocolError):
            next(pieces)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.num_bytes_downloaded > 500


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_huge_answer_can_be_read_and_its_write_is_done(api: Api, practice: PracticeServer, method: str) -> None:
    practice.fault("huge", bytes=3_000_000)
    answer = api.http.request(method, f"{API}/Contacts", json={"Name": "Kea"} if method == "PUT" else None)
    assert len(answer.content) == 3_000_000
    assert answer.json()["Contacts"]
    assert "Content-Length" not in answer.headers
    assert ("Kea" in [contact["Name"] for contact in practice.contacts()]) is (method == "PUT")


def test_tokens_and_connections_can_be_huge_too(practice: PracticeServer, tokens: dict[str, str], api: Api) -> None:
    for path in ("/connect/token", "/connections"):
        practice.fault("huge", path=path, bytes=200_000)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    issued = api.http.post("/connect/token", data=form, auth=(practice.client_id, practice.client_secret))
    assert len(issued.content) == len(api.http.get("/connections").content) == 200_000
    assert issued.json()["access_token"]


@pytest.mark.parametrize("kind", ENDLESS)
@pytest.mark.parametrize("path", ["/connect/token", "/connections"])
def test_the_identity_server_and_the_connections_meet_them_too(
    api: Api, practice: PracticeServer, path: str, kind: str
) -> None:
    practice.fault(kind, path=path, seconds=0.1, every=0.05)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.http.request("POST" if path == "/connect/token" else "GET", path)
    assert api.get("/Contacts").status_code == 200


@pytest.mark.parametrize("kind", ENDLESS)
def test_it_ends_after_its_time(api: Api, practice: PracticeServer, kind: str) -> None:
    practice.fault(kind, seconds=0.3, every=0.02)
    began = time.monotonic()
    with pytest.raises(httpx2.RemoteProtocolError):
        api.get("/Contacts")
    assert time.monotonic() - began >= 0.3
    assert api.get("/Contacts").status_code == 200


@pytest.mark.parametrize("kind", [*ENDLESS, "hang_after", "late"])
@pytest.mark.parametrize("seconds", [None, 9000])
def test_no_connection_is_held_longer_than_the_most(
    api: Api, practice: PracticeServer, monkeypatch: pytest.MonkeyPatch, kind: str, seconds: float | None
) -> None:
    monkeypatch.setattr("posxero.practice.faults.MAX_FAULT_SECONDS", 0.1)
    practice.fault(kind, seconds=seconds, every=0.05, connection="hang")
    with pytest.raises(httpx2.RemoteProtocolError):
        api.post({"Name": "Kea"})


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
