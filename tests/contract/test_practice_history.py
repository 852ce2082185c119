"""The history of a contact: what Xero writes itself, and the notes that the API adds."""

from typing import Any

import httpx2
import pytest

from tests.contract.conftest import API, Api, Clock
from tests.support.practice_server import PracticeServer

NAME = "Only a Name"
UNKNOWN = "50e71b5e-e368-4bda-ba17-044a6c0ec328"


@pytest.fixture
def path(practice: PracticeServer) -> str:
    return f"/Contacts/{practice.named(NAME)['ContactID']}/History"


def add(api: Api, path: str, *details: Any, key: str = "") -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"HistoryRecords": [{"Details": each} for each in details]}
    return api.http.put(f"{API}{path}", json=body, headers=headers)


def listed(api: Api, path: str) -> list[dict[str, Any]]:
    answer = api.get(path)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["HistoryRecords"]
    return found


def test_a_note_is_answered_and_listed_as_xero_does(api: Api, path: str) -> None:
    answer = add(api, path, "Retail POS: Email changed by Mia")
    assert answer.status_code == 200
    assert answer.json()["HistoryRecords"] == [
        {
            "DateUTCString": "2026-09-14T09:30:00",
            "DateUTC": "/Date(1789378200000)/",
            "Details": "Retail POS: Email changed by Mia",
            "ValidationErrors": [],
        }
    ]
    assert listed(api, path) == [
        {
            "Changes": "Note",
            "DateUTCString": "2026-09-14T09:30:00",
            "DateUTC": "/Date(1789378200000+0000)/",
            "User": "System Generated",
            "Details": "Retail POS: Email changed by Mia",
        }
    ]


def test_the_history_is_newest_first(api: Api, path: str, clock: Clock) -> None:
    add(api, path, "first", "second")
    clock.forward(minutes=1)
    add(api, path, "third")
    assert [each["Details"] for each in listed(api, path)] == ["third", "second", "first"]


@pytest.mark.parametrize("details", ["", "   ", None, "x" * 2501])
def test_an_empty_or_too_long_note_is_refused_with_its_batch(api: Api, path: str, details: str | None) -> None:
    answer = add(api, path, "good", details)
    assert answer.status_code == 400
    (refused,) = answer.json()["Elements"]
    assert refused["ValidationErrors"][0]["Message"]
    assert listed(api, path) == []


@pytest.mark.parametrize("details", [["a list"], {"an": "object"}, 5])
def test_details_that_are_no_text_cannot_be_read(api: Api, path: str, details: Any) -> None:
    answer = add(api, path, details)
    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")
    assert listed(api, path) == []


@pytest.mark.parametrize("body", [b"[]", b'{"HistoryRecords": []}', b'{"HistoryRecords": ["text"]}', b"{"])
def test_a_body_without_records_cannot_be_read(api: Api, path: str, body: bytes) -> None:
    answer = api.http.put(f"{API}{path}", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")


def test_the_history_of_an_unknown_contact_is_not_found(api: Api) -> None:
    for answer in (api.get(f"/Contacts/{UNKNOWN}/History"), add(api, f"/Contacts/{UNKNOWN}/History", "lost")):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")


def test_the_history_of_another_organisations_contact_is_not_found(practice: PracticeServer, api: Api) -> None:
    other = practice.contacts(practice.organisations[1].tenant_id)[0]["ContactID"]
    assert add(api, f"/Contacts/{other}/History", "strayed").status_code == 404


def test_a_read_scope_reads_but_adds_nothing(practice: PracticeServer, api: Api, path: str) -> None:
    token = practice.tokens(scope="accounting.contacts.read")["access_token"]
    headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": practice.tenant}
    assert practice.http.get(f"{API}{path}", headers=headers).status_code == 200
    refused = practice.http.put(f"{API}{path}", json={"Details": "no"}, headers=headers)
    assert refused.status_code == 401
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
    assert listed(api, path) == []


def test_a_repeated_idempotency_key_adds_a_note_once(api: Api, path: str) -> None:
    first, second = (add(api, path, "once", key="note-1") for _ in range(2))
    assert first.content == second.content
    assert len(listed(api, path)) == 1
    assert add(api, path, "other", key="note-1").status_code == 400
    assert len(listed(api, path)) == 1


def test_writes_by_the_api_and_by_pages_leave_records(practice: PracticeServer, api: Api, path: str) -> None:
    contact_id = path.split("/")[2]
    api.post({"ContactID": contact_id, "FirstName": "Ann"})
    page = f"/app/!Kw1Ot/contacts/contact/{contact_id}"
    practice.http.post(f"{page}/edit", data={"Name": NAME, "FirstName": "Anna"})
    add(api, path, "Rang about <an> order")
    assert [(each["Changes"], each["User"]) for each in listed(api, path)] == [
        ("Note", "System Generated"),
        ("Edited", "Pat Practice"),
        ("Edited", "System Generated"),
    ]
    assert "Rang about &lt;an&gt; order" in practice.http.get(page).text


def test_a_note_leaves_the_contact_as_it_was(practice: PracticeServer, api: Api, path: str, clock: Clock) -> None:
    before = practice.named(NAME)
    clock.forward(minutes=1)
    add(api, path, "nothing changed")
    assert practice.named(NAME) == before
