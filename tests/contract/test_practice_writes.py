"""Writing contacts: the recorded answers, and the rules that Xero's pages and reports name."""

import re
from typing import Any

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import PracticeServer

NOBODY = "00000000-0000-0000-0000-000000000000"
EMPTY_PHONE = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
EMPTY_PLACE = {"City": "", "Region": "", "PostalCode": "", "Country": ""}
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)


def messages(element: dict[str, Any]) -> list[str]:
    return [error["Message"] for error in element["ValidationErrors"]]


def refusals(api: Api, element: dict[str, Any], *, create: bool = False) -> list[str]:
    send = api.put if create else api.post
    answer = send(element, summarizeErrors="false")
    assert answer.status_code == 200
    (answered,) = answer.json()["Contacts"]
    assert answered["StatusAttributeString"] == "ERROR"
    assert answered["HasValidationErrors"] is True
    return messages(answered)


def test_a_created_contact_is_answered_as_recorded(api: Api) -> None:
    sent = {
        "Name": "[TEST] Recording a1a54b7c",
        "EmailAddress": "recording@example.test",
        "IsCustomer": True,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "09 111 1111"}],
    }
    answer = api.put(sent)
    assert answer.status_code == 200
    (contact,) = answer.json()["Contacts"]
    assert contact.pop("ContactID") != NOBODY
    assert re.fullmatch(r"/Date\(\d+\+0000\)/", contact.pop("UpdatedDateUTC"))
    assert contact == {
        "ContactStatus": "ACTIVE",
        "Name": "[TEST] Recording a1a54b7c",
        "EmailAddress": "recording@example.test",
        "BankAccountDetails": "",
        "Addresses": [{"AddressType": "STREET"} | EMPTY_PLACE, {"AddressType": "POBOX"} | EMPTY_PLACE],
        "Phones": [
            {"PhoneType": "DEFAULT", "PhoneNumber": "09 111 1111", "PhoneAreaCode": "", "PhoneCountryCode": ""},
            *({"PhoneType": kind} | EMPTY_PHONE for kind in ("DDI", "FAX", "MOBILE")),
        ],
        "ContactGroups": [],
        "IsSupplier": False,
        "IsCustomer": False,
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def test_a_taken_name_is_refused_as_recorded(api: Api) -> None:
    phone = {"PhoneType": "DEFAULT", "PhoneNumber": "09 111 1111"}
    sent = {"Name": "AROHA NGATA", "EmailAddress": "recording@example.test", "Phones": [phone], "IsCustomer": True}
    answer = api.put(sent)
    assert answer.status_code == 400
    assert answer.json() == {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [
            {
                "ContactID": NOBODY,
                "Name": "AROHA NGATA",
                "EmailAddress": "recording@example.test",
                "Addresses": [],
                "Phones": [phone | {"ValidationErrors": []}],
                "ContactGroups": [],
                "IsCustomer": True,
                "ContactPersons": [],
                "HasValidationErrors": True,
                "ValidationErrors": [
                    {
                        "Message": "The contact name AROHA NGATA is already assigned to another contact. "
                        "The contact name must be unique across all active contacts."
                    }
                ],
            }
        ],
    }


def test_an_archived_contact_is_refused_as_recorded(api: Api, practice: PracticeServer) -> None:
    archived = practice.named("Old Dunedin Drapery")["ContactID"]
    answer = api.post({"ContactID": archived, "ContactStatus": "ARCHIVED"}, summarizeErrors="False")
    assert answer.status_code == 200
    assert answer.json()["Contacts"] == [
        {
            "ContactID": archived,
            "ContactStatus": "ARCHIVED",
            "Name": "Old Dunedin Drapery",
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
            "ContactPersons": [],
            "HasValidationErrors": True,
            "StatusAttributeString": "ERROR",
            "ValidationErrors": [{"Message": ARCHIVED}],
        }
    ]


def test_archiving_frees_the_name_and_cannot_be_undone(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    assert api.post({"ContactID": contact_id, "ContactStatus": "ARCHIVED"}).status_code == 200
    assert refusals(api, {"ContactID": contact_id, "ContactStatus": "ACTIVE"}) == [ARCHIVED]
    assert api.put({"Name": "Only a Name"}).status_code == 200


def test_what_is_not_sent_is_kept(api: Api, practice: PracticeServer, clock: Clock) -> None:
    before = practice.named("Bayside Wholesale Club")
    clock.forward(minutes=1)
    answer = api.post({"ContactID": before["ContactID"], "EmailAddress": "changed@example.test"})
    after = practice.contact(before["ContactID"])
    assert after.pop("UpdatedDateUTC") > before.pop("UpdatedDateUTC")
    assert after == before | {"EmailAddress": "changed@example.test"}
    (written,) = answer.json()["Contacts"]
    assert written["EmailAddress"] == "changed@example.test"
    assert len(written["ContactPersons"]) == 2


def test_a_sent_phone_list_replaces_all_phones(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Aroha Ngata")["ContactID"]
    fax = {"PhoneType": "FAX", "PhoneNumber": "555 0001"}
    api.post({"ContactID": contact_id, "Phones": [fax, {"PhoneNumber": "no type"}, {"PhoneType": "OFFICE"}]})
    assert practice.contact(contact_id)["Phones"] == {"FAX": EMPTY_PHONE | {"PhoneNumber": "555 0001"}}


def test_a_sent_address_list_replaces_all_addresses_and_lines(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Bayside Wholesale Club")["ContactID"]
    api.post({"ContactID": contact_id, "Addresses": [{"AddressType": "STREET", "City": "Nelson"}]})
    addresses = practice.contact(contact_id)["Addresses"]
    assert set(addresses) == {"STREET"}
    assert {part: value for part, value in addresses["STREET"].items() if value} == {"City": "Nelson"}


def test_a_scalar_is_cleared_by_empty_text_and_kept_by_null(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Aroha Ngata")["ContactID"]
    (written,) = api.post({"ContactID": contact_id, "FirstName": "", "LastName": None}).json()["Contacts"]
    assert (written["FirstName"], written["LastName"]) == ("", "Ngata")
    assert api.get(f"/Contacts/{contact_id}").json()["Contacts"][0]["FirstName"] == ""


def test_persons_are_replaced_but_an_empty_list_keeps_them(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Bayside Wholesale Club")["ContactID"]
    api.post({"ContactID": contact_id, "ContactPersons": []})
    assert len(practice.contact(contact_id)["ContactPersons"]) == 2
    api.post({"ContactID": contact_id, "ContactPersons": [{"FirstName": "Solo"}]})
    assert practice.contact(contact_id)["ContactPersons"] == [{"FirstName": "Solo"}]
    api.post({"ContactID": contact_id, "ContactPersons": [{"FirstName": ""}]})
    assert practice.contact(contact_id)["ContactPersons"] == []


def test_names_are_trimmed_and_collapsed(api: Api) -> None:
    (written,) = api.put({"Name": "  Kōwhai   Cafe ", "FirstName": " A  B "}).json()["Contacts"]
    assert (written["Name"], written["FirstName"]) == ("Kōwhai Cafe", "A B")
    assert api.put({"Name": "kōwhai cafe"}).status_code == 400


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"Name": "   "}, "Contact Name cannot be empty."),
        ({"Name": "a <b>"}, "cannot contain < or >"),
        ({"Name": "n" * 256}, "Name field cannot be longer than 255"),
        ({"FirstName": "n" * 256}, "FirstName field cannot be longer than 255"),
        ({"EmailAddress": "not an address"}, "Email address must be valid."),
        ({"EmailAddress": "jürgen@example.org"}, "Email address must be valid."),
        ({"CompanyNumber": "1" * 51}, "CompanyNumber field cannot be longer than 50"),
        ({"TaxNumber": "1" * 51}, "TaxNumber field cannot be longer than 50"),
        ({"AccountNumber": "ko-aroha"}, "The Account Number already exists."),
        (
            {"ContactNumber": "CRM-00042"},
            "contact has this contact number. Please enter a different",
        ),
        ({"Phones": [{"PhoneType": "FAX", "PhoneNumber": "1" * 51}]}, "PhoneNumber field cannot be longer than 50"),
        ({"Phones": [{"PhoneType": "FAX", "PhoneAreaCode": "1" * 11}]}, "PhoneAreaCode field cannot be longer than 10"),
        ({"Addresses": [{"AddressType": "POBOX", "AddressLine1": "x" * 501}]}, "AddressLine1 field cannot be longer"),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "NZ 2"}]}, "Country must contain letters only."),
        ({"ContactPersons": [{"FirstName": "P"}] * 6}, "more than 5 additional people"),
    ],
)
def test_what_xero_refuses(api: Api, practice: PracticeServer, fields: dict[str, Any], complaint: str) -> None:
    before = practice.named("Smith, Jones & Partners")
    (message,) = refusals(api, {"ContactID": before["ContactID"]} | fields)
    assert complaint in message
    assert practice.contact(before["ContactID"]) == before


def test_letters_of_any_script_make_a_country(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    for country in ("Côte d'Ivoire", "日本", "Trinidad & Tobago", "Korea (Republic of)", "Guinea-Bissau"):
        sent = {"ContactID": contact_id, "Addresses": [{"AddressType": "POBOX", "Country": country}]}
        assert api.post(sent).status_code == 200


def test_hostile_text_comes_back_as_it_was(api: Api) -> None:
    for text in (
        "=HYPERLINK(1)",
        "/Date(0)/",
        "nul \x00 here",
        "rtl \u202e override",
        "🏄",
        '"; DROP TABLE contact',
        "%_",
    ):
        (written,) = api.put({"Name": f"Hostile {text}", "CompanyNumber": text}).json()["Contacts"]
        (read,) = api.get(f"/Contacts/{written['ContactID']}").json()["Contacts"]
        assert (read["Name"], read["CompanyNumber"]) == (f"Hostile {text}", text)


def test_a_lone_surrogate_survives(api: Api) -> None:
    body = b'{"Name": "Broken \\ud83c name"}'
    answer = api.http.put("/api.xro/2.0/Contacts", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["Contacts"][0]["Name"] == "Broken \ud83c name"
