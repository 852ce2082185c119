"""Answers that do not fit what was asked: other contacts than asked for, other ids, too few, too many."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from tests.contract.conftest import API, Api
from tests.support.practice_server import PracticeServer

BOTH = pytest.mark.parametrize("method", ["GET", "POST"])
Contacts = list[dict[str, Any]]


@pytest.fixture
def asked(practice: PracticeServer) -> list[str]:
    """Three contacts that a test reads or writes."""
    return [contact["ContactID"] for contact in practice.contacts() if contact["ContactStatus"] == "ACTIVE"][:3]


def ask(api: Api, method: str, asked: list[str]) -> httpx2.Response:
    """Read the contacts by their ids, or write them all, in one call."""
    if method == "GET":
        return api.get("/Contacts", IDs=",".join(asked), page=1, order="ContactID")
    return api.post(*({"ContactID": each, "FirstName": "Sent"} for each in asked), summarizeErrors="false")


def answered(api: Api, method: str, asked: list[str]) -> Contacts:
    contacts: Contacts = ask(api, method, asked).json()["Contacts"]
    return contacts


def ids(contacts: Contacts) -> list[str]:
    return [contact["ContactID"] for contact in contacts]


@BOTH
def test_fewer(api: Api, practice: PracticeServer, asked: list[str], method: str) -> None:
    practice.fault("fewer")
    practice.fault("fewer", elements=9)
    practice.fault("fewer", contact_id=asked[0])
    for left in (asked[:2], [], asked[1:], asked):
        answer = ask(api, method, asked).json()
        assert ids(answer["Contacts"]) == left
        assert method == "POST" or answer["pagination"]["itemCount"] == 3
    assert {practice.contact(each).get("FirstName") == "Sent" for each in asked} == {method == "POST"}


@BOTH
def test_more(api: Api, practice: PracticeServer, asked: list[str], method: str) -> None:
    named = practice.named("Only a Name")["ContactID"]
    practice.fault("more")
    practice.fault("more", contact_id=named)
    *first, stranger = answered(api, method, asked)
    assert ids(first) == asked
    assert practice.contact(stranger["ContactID"])["Name"] == stranger["Name"]
    assert stranger["ContactID"] not in asked
    assert stranger.get("StatusAttributeString") == first[0].get("StatusAttributeString")
    assert ids(answered(api, method, asked)) == [*asked, named]


@BOTH
def test_other_ids_and_numbers(api: Api, practice: PracticeServer, asked: list[str], method: str) -> None:
    known = ids(practice.contacts())
    practice.fault("other_id")
    practice.fault("other_id", value="random", contact_id=asked[0])
    practice.fault("other_id", value=asked[0])
    practice.fault("other_number", value="POS-1")
    existing = ids(answered(api, method, asked))
    assert existing[:2] == asked[:2]
    assert existing[2] in set(known) - set(asked)
    invented = ids(answered(api, method, asked))
    assert invented[1:] == asked[1:]
    assert str(UUID(invented[0])) not in known
    assert ids(answered(api, method, asked)) == [*asked[:2], asked[0]]
    assert [each.get("ContactNumber") for each in answered(api, method, asked)] == [None, None, "POS-1"]
    assert ids(practice.contacts()) == known


@BOTH
def test_order_and_repetition(api: Api, practice: PracticeServer, asked: list[str], method: str) -> None:
    practice.fault("reordered")
    practice.fault("repeated", contact_id=asked[1])
    assert ids(answered(api, method, asked)) == asked[::-1]
    assert ids(answered(api, method, asked)) == [*asked, asked[1]]


def test_a_created_contact_answers_with_anothers_id_and_a_replay_with_its_own(
    api: Api, practice: PracticeServer
) -> None:
    practice.fault("other_id", method="PUT")
    wrong, right = (
        api.http.put(f"{API}/Contacts", json={"Name": "Kea"}, headers={"Idempotency-Key": "k"}).json()["Contacts"]
        for _ in range(2)
    )
    made = practice.named("Kea")["ContactID"]
    assert ids(right) == [made]
    assert practice.contact(ids(wrong)[0])["Name"] != "Kea"


def test_a_short_page_is_met_by_a_page_and_by_no_read_of_ids(
    api: Api, practice: PracticeServer, asked: list[str]
) -> None:
    practice.fault("short_page")
    practice.fault("short_page", elements=0, query={"page": 3})
    assert len(answered(api, "GET", asked)) == 3
    pages = [api.get("/Contacts", page=page, pageSize=10, includeArchived=True).json() for page in (1, 2, 3)]
    assert [len(page["Contacts"]) for page in pages] == [5, 10, 0]
    assert {page["pagination"]["itemCount"] for page in pages} == {50}


def test_an_organisation_without_others_gets_an_invented_contact(api: Api, practice: PracticeServer) -> None:
    everyone = ids(practice.contacts())
    practice.fault("more")
    stranger = api.listed(includeArchived=True)[-1]
    assert stranger["Name"] == "Nobody's contact"
    assert stranger["ContactID"] not in everyone


def test_refusals_are_not_altered(api: Api, practice: PracticeServer) -> None:
    practice.fault("fewer")
    assert api.put({"Name": "Only a Name"}).json()["Elements"]


def test_an_empty_answer_can_only_get_more(api: Api, practice: PracticeServer) -> None:
    for kind in ("fewer", "other_id", "other_number", "reordered", "repeated", "short_page"):
        practice.fault(kind)
        assert api.listed(where='Name=="nobody at all"', page=1) == []
    practice.fault("more")
    assert len(api.listed(where='Name=="nobody at all"')) == 1
    assert practice.http.get("/practice/faults").json() == []


def test_a_good_token_is_refused_for_some_calls(api: Api, practice: PracticeServer) -> None:
    practice.fault("401", 2)
    practice.fault("401", detail="TokenExpired: token expired at 09/14/2026 09:30:00", path="/connections")
    details = [api.get("/Contacts").json().get("Detail") for _ in range(3)]
    assert details == ["AuthenticationUnsuccessful", "AuthenticationUnsuccessful", None]
    assert api.http.get("/connections").status_code == 401
    assert api.http.get("/connections").status_code == 200


def test_connections_without_the_organisation(practice: PracticeServer) -> None:
    first, second = (each.tenant_id for each in practice.organisations)
    bearer = {"Authorization": f"Bearer {practice.tokens([first, second])['access_token']}"}
    practice.fault("missing_organisation", tenant=first)
    practice.fault("missing_organisation")
    listed = [[each["tenantId"] for each in practice.http.get("/connections", headers=bearer).json()] for _ in range(3)]
    assert listed == [[second], [], [first, second]]
