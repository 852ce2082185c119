"""Which contact a write means, what a batch answers, and what an idempotency key does."""

from typing import Any

import httpx2
import pytest

from tests.contract.conftest import API, Api, Clock
from tests.support.practice_server import PracticeServer

STRANGER = "50e71b5e-e368-4bda-ba17-044a6c0ec328"


def send(api: Api, key: str, body: dict[str, Any], method: str = "PUT") -> httpx2.Response:
    return api.http.request(method, f"{API}/Contacts", json=body, headers={"Idempotency-Key": key})


def test_put_creates_and_never_updates(api: Api, practice: PracticeServer) -> None:
    assert api.put({"Name": "Pat O\u2019Reilly"}).status_code == 400
    answer = api.put({"Name": "Somebody New", "ContactNumber": "crm-00042"})
    assert answer.json()["Elements"][0]["ValidationErrors"][0]["Message"].startswith("Another contact has this contact")
    assert "Somebody New" not in [contact["Name"] for contact in practice.contacts()]


def test_post_means_the_id_then_the_number_then_the_name(api: Api, practice: PracticeServer) -> None:
    by_number, by_name = practice.named("Pat O\u2019Reilly"), practice.named("Aroha Ngata")
    by_id = practice.named("Only a Name")
    api.post({"ContactID": by_id["ContactID"], "FirstName": "One"})
    api.post({"ContactNumber": "CRM-00042", "Name": "Pat Renamed", "FirstName": "Two"})
    api.post({"Name": "aroha ngata", "FirstName": "Three"})
    assert practice.contact(by_id["ContactID"])["FirstName"] == "One"
    assert practice.contact(by_number["ContactID"])["Name"] == "Pat Renamed"
    assert practice.contact(by_name["ContactID"])["FirstName"] == "Three"
    assert practice.contact(by_name["ContactID"])["Name"] == "aroha ngata"


def test_post_creates_what_it_does_not_know(api: Api, practice: PracticeServer) -> None:
    (made,) = api.post({"Name": "Hoiho Cafe", "ContactNumber": "POS-1"}).json()["Contacts"]
    assert practice.contact(made["ContactID"])["ContactNumber"] == "POS-1"


def test_a_contact_without_a_name(api: Api) -> None:
    nothing, number_only = (
        api.post(element).json()["Elements"][0]["ValidationErrors"][0]["Message"]
        for element in ({"FirstName": "Nobody"}, {"ContactNumber": "POS-9"})
    )
    assert nothing.startswith("The Contact must contain at least 1 of the following elements")
    assert number_only == "Contact Name cannot be empty."


def test_an_unknown_id_fails_the_whole_request(api: Api, practice: PracticeServer) -> None:
    before = practice.contacts()
    answer = api.post({"Name": "Would be new"}, {"ContactID": STRANGER, "Name": "x"}, summarizeErrors="false")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert practice.contacts() == before


def test_a_batch_answers_in_its_order(api: Api) -> None:
    answer = api.post({"Name": "A new one"}, {"Name": "<"}, {"Name": "B new one"}, summarizeErrors="false")
    assert answer.status_code == 200
    answered = answer.json()["Contacts"]
    assert [element["StatusAttributeString"] for element in answered] == ["OK", "ERROR", "OK"]
    assert [element["Name"] for element in answered] == ["A new one", "<", "B new one"]


def test_summarised_errors_name_the_failures_only_and_the_rest_is_written(api: Api, practice: PracticeServer) -> None:
    answer = api.post({"Name": "A new one"}, {"Name": "<"})
    assert answer.status_code == 400
    assert [element["Name"] for element in answer.json()["Elements"]] == ["<"]
    assert practice.named("A new one")


def test_two_of_one_name_in_a_batch(api: Api) -> None:
    answer = api.put({"Name": "Twin"}, {"Name": "twin"}, summarizeErrors="false")
    assert [element["HasValidationErrors"] for element in answer.json()["Contacts"]] == [False, True]


def test_one_contact_by_its_address(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    answer = api.http.post(f"{API}/Contacts/{contact_id}", json={"LastName": "Bare"})
    assert answer.json()["Contacts"][0]["LastName"] == "Bare"
    assert "StatusAttributeString" not in answer.json()["Contacts"][0]
    assert api.http.post(f"{API}/Contacts/{STRANGER}", json={"LastName": "x"}).status_code == 404


@pytest.mark.parametrize("body", [b"{", b"[]", b"3", b'{"Contacts": 3}', b'{"Contacts": [3]}', b'{"Name": {"a": 1}}'])
def test_a_body_that_cannot_be_read(api: Api, body: bytes) -> None:
    answer = api.http.post(f"{API}/Contacts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert (answer.json()["ErrorNumber"], answer.json()["Type"]) == (17, "PostDataInvalidException")


def test_a_key_gives_the_first_answer_for_six_minutes(api: Api, practice: PracticeServer, clock: Clock) -> None:
    first = send(api, "key-1", {"Name": "Once"})
    clock.forward(minutes=5)
    again = send(api, "key-1", {"Name": "Once"})
    assert again.json() == first.json()
    assert practice.named("Once")
    clock.forward(minutes=1)
    assert send(api, "key-1", {"Name": "Once"}).status_code == 400


def test_errors_are_kept_under_a_key_too(api: Api, practice: PracticeServer) -> None:
    assert send(api, "key-2", {"Name": "Aroha Ngata"}).status_code == 400
    practice.edit(practice.named("Aroha Ngata")["ContactID"], Name="Aroha Rangi")
    assert send(api, "key-2", {"Name": "Aroha Ngata"}).status_code == 400
    assert send(api, "key-3", {"Name": "Aroha Ngata"}).status_code == 200


def test_a_key_for_another_request_is_refused(api: Api) -> None:
    send(api, "k", {"Name": "First"})
    for method, body in (("PUT", {"Name": "Second"}), ("POST", {"Name": "First"})):
        answer = send(api, "k", body, method)
        assert answer.status_code == 400
        assert "Idempotency Key k is used with a different request" in answer.text


def test_a_key_belongs_to_the_app_and_not_to_the_organisation(api: Api, practice: PracticeServer) -> None:
    first, second = (organisation.tenant_id for organisation in practice.organisations)
    token = practice.tokens([first, second])["access_token"]
    api.http.headers["Authorization"] = f"Bearer {token}"
    assert send(api, "k", {"Name": "First"}).status_code == 200
    api.http.headers["xero-tenant-id"] = second
    answer = send(api, "k", {"Name": "First"})
    assert answer.status_code == 400
    assert "Idempotency Key k is used with a different request" in answer.text
    assert [each for each in practice.contacts(second) if each["Name"] == "First"] == []


def test_a_key_has_at_most_128_characters(api: Api) -> None:
    assert send(api, "k" * 129, {"Name": "Long key"}).status_code == 400
    assert send(api, "k" * 128, {"Name": "Long key"}).status_code == 200


@pytest.mark.parametrize("contact_id", ["not-a-guid", 5, ["x"], {"a": 1}])
def test_an_unreadable_id_fails_the_whole_request(api: Api, practice: PracticeServer, contact_id: Any) -> None:
    before = len(practice.contacts())
    for write in (api.put, api.post):
        answer = write({"Name": "Fine"}, {"Name": "Wrong", "ContactID": contact_id}, summarizeErrors="false")
        assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")
    assert len(practice.contacts()) == before


@pytest.mark.parametrize("details", ["", "   ", None, "n" * 2501])
def test_notes_that_are_empty_or_too_long_are_refused_together(
    api: Api, practice: PracticeServer, details: str | None
) -> None:
    path = f"{API}/Contacts/{practice.named('Only a Name')['ContactID']}/History"
    longest = {"Details": "n" * 2500}
    answer = api.http.put(path, json={"HistoryRecords": [longest, {"Details": details}]})
    assert (answer.status_code, answer.json()["Type"]) == (400, "ValidationException")
    (element,) = answer.json()["Elements"]
    assert element["Details"] == (details or "")
    assert element["ValidationErrors"]
    assert api.http.get(path).json()["HistoryRecords"] == []
    assert api.http.put(path, json={"HistoryRecords": [longest]}).status_code == 200
