"""Paths and keys in any case, and the two forms in which Xero shows a contact's empty fields."""

from typing import Any

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import PracticeServer

EMPTY_PHONE = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
EMPTY_PLACE = {"City": "", "Region": "", "PostalCode": "", "Country": ""}


def single(api: Api, contact_id: str) -> dict[str, Any]:
    (contact,) = api.get(f"/Contacts/{contact_id}").json()["Contacts"]
    found: dict[str, Any] = contact
    return found


@pytest.mark.parametrize(
    ("path", "plural"),
    [
        ("/api.xro/2.0/contacts", "Contacts"),
        ("/API.XRO/2.0/CONTACTS/crm-00042", "Contacts"),
        ("/api.xro/2.0/contacts/CRM-00042/history/", "HistoryRecords"),
        ("/api.xro/2.0/organisation/actions", "Actions"),
        ("/api.xro/2.0/accounts", "Accounts"),
        ("/api.xro/2.0/taxrates", "TaxRates"),
        ("/api.xro/2.0/contactgroups", "ContactGroups"),
    ],
)
def test_paths_in_any_case(api: Api, path: str, plural: str) -> None:
    answer = api.http.get(path)
    assert answer.status_code == 200
    assert plural in answer.json()


def test_keys_of_a_body_in_any_case(api: Api) -> None:
    sent = {
        "name": "Any Case Ltd",
        "emailaddress": "any@case.example",
        "PHONES": [{"phonetype": "DEFAULT", "phoneNumber": "09 111 1111"}],
        "addresses": [{"ADDRESSTYPE": "POBOX", "city": "Nelson"}],
    }
    answer = api.http.put("/api.xro/2.0/contacts", json={"contacts": [sent]})
    (contact,) = answer.json()["Contacts"]
    assert (contact["Name"], contact["EmailAddress"]) == ("Any Case Ltd", "any@case.example")
    assert contact["Phones"][0]["PhoneNumber"] == "09 111 1111"
    assert contact["Addresses"][1]["City"] == "Nelson"
    again = {"contactID": contact["ContactID"], "firstname": "Cass"}
    assert api.http.post("/api.xro/2.0/Contacts", json=again).json()["Contacts"][0]["FirstName"] == "Cass"


def test_a_call_is_logged_by_xeros_spelling(api: Api, practice: PracticeServer) -> None:
    practice.fault("500", path="/api.xro/2.0/Contacts", method="PUT")
    assert api.http.put("/api.xro/2.0/contacts", json={"name": "Case"}).status_code == 500
    assert [call["path"] for call in practice.calls(method="PUT")] == ["/api.xro/2.0/Contacts"]


def test_a_contact_that_the_api_never_wrote_leaves_empty_fields_out(api: Api, practice: PracticeServer) -> None:
    contact = single(api, practice.named("Only a Name")["ContactID"])
    assert "BankAccountDetails" not in contact
    assert contact["Addresses"] == [{"AddressType": "POBOX"}, {"AddressType": "STREET"}]
    assert contact["Phones"][0] == {"PhoneType": "DDI"}


def test_one_that_the_api_wrote_shows_them_empty_ever_after(api: Api, practice: PracticeServer, clock: Clock) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    (written,) = api.post({"ContactID": contact_id, "FirstName": "Solo", "LastName": ""}).json()["Contacts"]
    clock.forward(minutes=1)
    (listed,) = api.listed(page=1, IDs=contact_id)
    for contact in (written, listed, single(api, contact_id)):
        assert (contact["LastName"], contact["BankAccountDetails"]) == ("", "")
        assert contact["Addresses"] == [{"AddressType": kind} | EMPTY_PLACE for kind in ("STREET", "POBOX")]
        assert contact["Phones"][0] == {"PhoneType": "DEFAULT"} | EMPTY_PHONE
    practice.remove(contact_id)
    assert api.listed(page=1, IDs=contact_id) == []


def test_a_refused_write_leaves_the_form_as_it_was(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    assert api.post({"ContactID": contact_id, "EmailAddress": "no address"}).status_code == 400
    assert single(api, contact_id)["Addresses"] == [{"AddressType": "POBOX"}, {"AddressType": "STREET"}]
