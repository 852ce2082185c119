"""Practice Xero's page of faults: trouble at the press of a button."""

import re
from html import unescape

import httpx2
import pytest

from posxero.practice.fault_kinds import KINDS
from tests.contract.conftest import Api
from tests.support.practice_server import PracticeServer

GONE = (httpx2.RemoteProtocolError, httpx2.ReadError)


def seen(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def shown(practice: PracticeServer) -> str:
    return seen(practice.http.get("/faults").text)


def press(practice: PracticeServer, kind: str, **fields: str) -> httpx2.Response:
    return practice.http.post("/faults", data={"kind": kind} | fields)


def test_the_buttons_make_trouble(practice: PracticeServer, api: Api) -> None:
    assert press(practice, "429", count="2", retry_after="11").headers["Location"] == "/faults"
    assert "2 calls left" in seen(practice.http.get("/faults").text)
    assert api.get("/Contacts").headers["Retry-After"] == "11"
    assert "1 call left" in seen(practice.http.get("/faults").text)
    press(practice, "clear")
    assert "No fault waits." in seen(practice.http.get("/faults").text)
    assert api.get("/Contacts").status_code == 200
    press(practice, "expire_tokens")
    assert api.get("/Contacts").status_code == 401
    press(practice, "disconnect")
    assert seen(practice.http.get("/").text).count("Retail POS Not connected") == 2
    assert press(practice, "flood").status_code == 400


def test_another_sites_button_is_refused(practice: PracticeServer) -> None:
    answer = practice.http.post("/faults", data={"kind": "disconnect"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_has_a_button_in_plain_words(practice: PracticeServer, kind: str) -> None:
    page = practice.http.get("/faults").text
    assert unescape(page).count(f'value="{kind}">{KINDS[kind].label}</button>') == 1
    assert press(practice, kind, count="3", calls="").status_code == 303
    (waiting,) = practice.http.get("/practice/faults").json()
    assert (waiting["kind"], waiting["left"]) == (kind, 3)
    assert f"{KINDS[kind].label}: 3 calls left" in shown(practice)


@pytest.mark.parametrize(
    ("calls", "method", "path"),
    [("PUT", "PUT", "/api.xro/"), ("GET", "GET", "/api.xro/"), ("token", "", "/connect/token")],
)
def test_a_fault_is_for_the_calls_that_were_chosen(
    practice: PracticeServer, calls: str, method: str, path: str
) -> None:
    press(practice, "huge", calls=calls)
    (waiting,) = practice.http.get("/practice/faults").json()
    assert (waiting["method"], waiting["path"]) == (method, path)


@pytest.mark.parametrize(
    ("kind", "calls"), [("late", "GET"), ("short_page", "PUT"), ("fewer", "token"), ("missing_organisation", "POST")]
)
def test_calls_that_can_never_meet_a_fault_are_refused(practice: PracticeServer, kind: str, calls: str) -> None:
    answer = press(practice, kind, calls=calls, count="7")
    assert answer.status_code == 422
    assert f"“{KINDS[kind].label}” does not go with" in seen(answer.text)
    assert 'value="7"' in answer.text
    assert f'value="{calls}" selected' in answer.text
    assert practice.http.get("/practice/faults").json() == []


@pytest.mark.parametrize("typed", [{"count": "0"}, {"count": "ten"}, {"retry_after": "-1"}, {"count": "9" * 5000}])
def test_numbers_that_are_none_are_refused(practice: PracticeServer, typed: dict[str, str]) -> None:
    answer = press(practice, "429", **typed)
    assert answer.status_code == 422
    assert "Type whole numbers" in answer.text
    assert practice.http.get("/practice/faults").json() == []


def test_changes_that_are_held_back_can_be_saved_or_forgotten(practice: PracticeServer, api: Api) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    press(practice, "late", count="3")
    for element in ({"Name": "Kea & Co"}, {"ContactID": contact_id, "FirstName": "Late"}):
        with pytest.raises(GONE):
            api.post(element)
    page = shown(practice)
    assert "change of Kea & Co" in page
    assert "change of Only a Name" in page
    press(practice, "land")
    assert "No change is held back." in shown(practice)
    assert practice.named("Kea & Co")
    assert practice.contact(contact_id)["FirstName"] == "Late"
    with pytest.raises(GONE):
        api.put({"Name": "Moa"})
    assert "new contact Moa" in shown(practice)
    press(practice, "forget_late_writes")
    assert practice.land() == []
