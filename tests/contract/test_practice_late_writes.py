"""Writes that Xero carries out after the caller has given up, and answers that come late or never."""

import time
from typing import Any

import httpx2
import pytest

from tests.contract.conftest import API, Api, Clock
from tests.support.practice_server import PracticeServer

GONE = (httpx2.RemoteProtocolError, httpx2.ReadError)


def send(api: Api, method: str, key: str = "", **element: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return api.http.request(method, f"{API}/Contacts", json={"Contacts": [element]}, headers=headers, timeout=0.5)


def test_a_late_post_lands_over_a_newer_one(api: Api, practice: PracticeServer, clock: Clock) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    practice.fault("late")
    with pytest.raises(GONE):
        send(api, "POST", ContactID=contact_id, FirstName="Old")
    send(api, "POST", ContactID=contact_id, FirstName="New")
    assert practice.contact(contact_id)["FirstName"] == "New"
    (held,) = practice.late_writes()
    assert (held["state"], held["method"], held["elements"]) == (
        "held",
        "POST",
        [{"ContactID": contact_id, "FirstName": "Old"}],
    )
    clock.forward(minutes=2)
    (landed,) = practice.land()
    assert (landed["state"], landed["status"]) == ("landed", 200)
    after = practice.contact(contact_id)
    assert (after["FirstName"], after["UpdatedDateUTC"]) == ("Old", round(clock().timestamp() * 1000))
    assert [call["status"] for call in practice.calls(API, "POST")] == [0, 200]
    assert practice.land() == []


def test_a_late_put_lands_by_the_rules_and_keys_of_then(api: Api, practice: PracticeServer) -> None:
    practice.fault("late", 3)
    for key in ("one", "two", "three"):
        with pytest.raises(GONE):
            send(api, "PUT", key, Name="Kea")
    made = send(api, "PUT", "one", Name="Kea").json()["Contacts"][0]["ContactID"]
    same_key, other_key, third = practice.late_writes()
    (landed,) = practice.land(same_key["id"])
    assert made in landed["answer"]
    (refused,) = practice.land(other_key["id"])
    assert (refused["status"], "already assigned" in refused["answer"]) == (400, True)
    send(api, "POST", ContactID=made, Name="Kākā")
    practice.land(third["id"])
    assert practice.named("Kea")["ContactID"] != made


def test_a_late_write_can_hang_and_land_by_itself(api: Api, practice: PracticeServer) -> None:
    practice.fault("late", connection="hang", seconds=0.05)
    with pytest.raises(httpx2.ReadTimeout):
        send(api, "PUT", Name="Kea")
    for _ in range(200):
        if practice.late_writes()[0]["state"] == "landed":
            break
        time.sleep(0.02)
    assert practice.named("Kea")


def test_reads_never_meet_a_late_landing(api: Api, practice: PracticeServer) -> None:
    practice.fault("late", 1)
    assert api.get("/Contacts").status_code == 200


def test_a_write_that_cannot_be_read_is_refused_when_it_lands(api: Api, practice: PracticeServer) -> None:
    practice.fault("late")
    with pytest.raises(GONE):
        api.http.put(f"{API}/Contacts", content=b"[1")
    assert [landed["status"] for landed in practice.land()] == [400]


def test_forgotten_late_writes_never_land(api: Api, practice: PracticeServer) -> None:
    practice.fault("late")
    with pytest.raises(GONE):
        send(api, "PUT", Name="Kea")
    practice.http.post("/practice/late-writes/clear")
    assert practice.land() == []


def test_the_work_is_done_and_the_answer_never_comes(api: Api, practice: PracticeServer) -> None:
    practice.fault("hang_after")
    with pytest.raises(httpx2.ReadTimeout):
        send(api, "PUT", Name="Kea")
    assert practice.named("Kea")
    assert practice.calls(method="PUT")[-1]["status"] == 0


def test_the_work_is_done_and_the_answer_comes_late(api: Api, practice: PracticeServer) -> None:
    practice.fault("hang_after", seconds=0.1)
    answer = send(api, "PUT", Name="Kea")
    assert answer.json()["Contacts"][0]["Name"] == "Kea"
    assert answer.headers["X-MinLimit-Remaining"]
