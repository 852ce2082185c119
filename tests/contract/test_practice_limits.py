"""Limits, faults and refusals of calls, and what a restart keeps."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx2
import pytest

from tests.contract.conftest import API, Api, Clock
from tests.support.practice_server import PracticeServer


def call(practice: PracticeServer, token: str, tenant: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": tenant}
    return practice.http.get(f"{API}/Contacts", headers=headers)


def test_every_answer_says_what_is_left(api: Api) -> None:
    first, second = api.get("/Organisation").headers, api.get("/Contacts/nobody").headers
    assert (first["X-MinLimit-Remaining"], first["X-DayLimit-Remaining"]) == ("59", "4999")
    assert (second["X-MinLimit-Remaining"], second["X-DayLimit-Remaining"]) == ("58", "4998")
    assert second["X-AppMinLimit-Remaining"] == "9998"
    assert first["Xero-Correlation-Id"] != second["Xero-Correlation-Id"]


def test_the_sixty_first_call_of_a_minute_is_refused_as_recorded(api: Api, clock: Clock) -> None:
    for _ in range(60):
        assert api.get("/Accounts").status_code == 200
    clock.forward(seconds=34)
    refused = api.get("/Organisation")
    assert (refused.status_code, refused.content) == (429, b"")
    assert "Content-Type" not in refused.headers
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert refused.headers["X-MinLimit-Remaining"] == "0"
    assert refused.headers["X-DayLimit-Remaining"] == "4940"
    assert refused.headers["Retry-After"] == "26"
    clock.forward(seconds=26)
    assert api.get("/Organisation").status_code == 200


def test_the_day_has_its_limit_and_organisations_count_apart(tmp_path: Path, clock: Clock) -> None:
    server = PracticeServer(tmp_path / "p.db", contacts=3, day_limit=2, clock=clock)
    first, second = (organisation.tenant_id for organisation in server.organisations)
    access = server.tokens([first, second])["access_token"]
    assert [call(server, access, first).status_code for _ in range(3)] == [200, 200, 429]
    refused = call(server, access, first)
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert refused.headers["Retry-After"] == "86400"
    assert call(server, access, second).status_code == 200
    server.stop()


@pytest.fixture
def hold() -> Event:
    return Event()


@pytest.fixture
def slow(tmp_path: Path, hold: Event) -> Iterator[PracticeServer]:
    server = PracticeServer(tmp_path / "slow.db", contacts=3, sleep=lambda _seconds: hold.wait(20) and None)
    yield server
    hold.set()
    server.stop()


def test_a_sixth_call_at_once_is_refused_without_retry_after(slow: PracticeServer, hold: Event) -> None:
    access = slow.tokens()["access_token"]
    slow.fault("slow", 5)
    with ThreadPoolExecutor(5) as pool:
        held = [pool.submit(call, slow, access, slow.tenant) for _ in range(5)]
        while slow.app.extensions["practice"].faults.pending():
            Event().wait(0.01)
        refused = call(slow, access, slow.tenant)
        hold.set()
        assert [each.result().status_code for each in held] == [200] * 5
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in refused.headers
    assert call(slow, access, slow.tenant).status_code == 200


def test_an_expired_token(api: Api, practice: PracticeServer) -> None:
    practice.fault("expire_tokens")
    refused = api.get("/Contacts")
    assert refused.status_code == 401
    assert refused.json()["Title"] == "Unauthorized"
    assert refused.json()["Detail"] == "TokenExpired: token expired at 09/14/2026 09:30:00"
    assert set(refused.json()) == {"Type", "Title", "Status", "Detail", "Instance", "Extensions"}


def test_an_unknown_token_and_none(practice: PracticeServer) -> None:
    assert call(practice, "made.up.token", practice.tenant).json()["Detail"] == "AuthenticationUnsuccessful"
    assert practice.http.get(f"{API}/Contacts").status_code == 401


def test_an_organisation_that_was_not_connected(practice: PracticeServer, api: Api) -> None:
    assert api.get("/Organisation").status_code == 200
    access = practice.tokens()["access_token"]
    refused = call(practice, access, practice.organisations[1].tenant_id)
    assert (refused.status_code, refused.json()["Detail"]) == (403, "AuthenticationUnsuccessful")
    practice.fault("disconnect")
    assert api.get("/Organisation").status_code == 403


def test_a_scope_that_was_not_given(practice: PracticeServer) -> None:
    access = practice.tokens(scope="accounting.contacts.read")["access_token"]
    headers = {"Authorization": f"Bearer {access}", "xero-tenant-id": practice.tenant}
    assert call(practice, access, practice.tenant).status_code == 200
    refused = practice.http.put(f"{API}/Contacts", headers=headers, json={"Name": "x"})
    assert refused.status_code == 401
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert practice.http.get(f"{API}/Organisation", headers=headers).status_code == 401


def test_faults_are_met_in_turn_and_then_over(api: Api, practice: PracticeServer, clock: Clock) -> None:
    practice.fault("429", 2, retry_after=7)
    practice.fault("503")
    practice.fault("500")
    practice.fault("slow", seconds=9)
    limited = api.get("/Contacts")
    assert (limited.headers["Retry-After"], limited.content) == ("7", b"")
    assert [api.get("/Contacts").status_code for _ in range(5)] == [429, 503, 500, 200, 200]
    assert clock.slept == [9]


def test_an_offline_xero_answers_plain_text(api: Api, practice: PracticeServer) -> None:
    practice.fault("503")
    answer = api.get("/Contacts")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "The Xero API is currently offline for maintenance"


@pytest.mark.parametrize(("kind", "written"), [("drop_before", False), ("drop_after", True)])
def test_a_dropped_connection(api: Api, practice: PracticeServer, kind: str, *, written: bool) -> None:
    practice.fault(kind)
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        api.put({"Name": "Dropped"})
    assert ("Dropped" in [contact["Name"] for contact in practice.contacts()]) is written
    assert practice.calls(method="PUT")[-1]["status"] == 0
    assert api.get("/Contacts").status_code == 200


def test_a_fault_can_wait_for_one_kind_of_call(api: Api, practice: PracticeServer) -> None:
    practice.fault("500", path="/connect/token")
    practice.fault("503", method="POST")
    assert api.get("/Contacts").status_code == 200
    assert api.post({"Name": "x"}).status_code == 503
    assert practice.token({"grant_type": "refresh_token"}).status_code == 500
    practice.fault("500", 3)
    practice.fault("clear")
    assert api.get("/Contacts").status_code == 200


def test_an_unknown_fault_is_refused(practice: PracticeServer) -> None:
    for wrong in (
        {"kind": "flood"},
        {"kind": "500", "colour": "red"},
        {"kind": "500", "count": -1},
        {"kind": "slow", "seconds": "long"},
        {"kind": "500", "query": "page"},
        {"kind": "500", "method": "FETCH"},
        {"kind": "late", "method": "GET"},
        {"kind": "late", "connection": "cut"},
        {"kind": "fewer", "path": "/connections"},
        {"kind": "huge", "bytes": None},
    ):
        assert practice.http.post("/practice/faults", json=wrong).status_code == 400


def test_the_log_of_calls_tells_who_asked_what_and_no_secret(api: Api, practice: PracticeServer) -> None:
    api.post({"Name": "Logged"})
    logged = practice.calls(f"{API}/Contacts", "POST")[-1]
    assert (logged["tenant"], logged["status"], logged["elements"]) == (practice.tenant, 200, [{"Name": "Logged"}])
    assert logged["consent"]
    assert api.http.headers["Authorization"].removeprefix("Bearer ") not in str(practice.calls())
    practice.clear_calls()
    assert practice.calls() == []


def test_a_restart_keeps_contacts_history_and_tokens(
    practice: PracticeServer, api: Api, clock: Clock, tmp_path: Path
) -> None:
    (made,) = api.put({"Name": "Kept"}).json()["Contacts"]
    held = practice.contacts()
    practice.stop()
    again = PracticeServer(tmp_path / "practice.db", contacts=9, port=practice.port, clock=clock)
    assert again.contacts() == held
    assert len(api.get(f"/Contacts/{made['ContactID']}/History").json()["HistoryRecords"]) == 1
    again.stop()


def test_unexpected_errors_free_the_place_in_flight(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    with monkeypatch.context() as patch:
        patch.setattr("posxero.practice.organisation_settings.find", broken)
        assert [api.get("/Organisation").status_code for _ in range(6)] == [500] * 6
    assert api.get("/Organisation").status_code == 200
    assert caplog.text.count("RuntimeError: broken on purpose") == 6
