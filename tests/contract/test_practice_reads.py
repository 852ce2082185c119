"""Reading contacts: the shapes and filters of the recorded answers."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import PracticeServer

GET_PHONES = ["DDI", "DEFAULT", "FAX", "MOBILE"]
MOMENT = re.compile(r"/Date\(-?\d+\+0000\)/")


def actives(practice: PracticeServer) -> list[dict[str, Any]]:
    return [contact for contact in practice.contacts() if contact["ContactStatus"] == "ACTIVE"]


def test_a_paged_contact_without_anything_is_the_recorded_one(api: Api, practice: PracticeServer) -> None:
    plain = practice.add(Name="Eastside Club")
    answer = api.get("/Contacts", page=1, pageSize=1, order="UpdatedDateUTC DESC").json()
    assert list(answer) == ["Id", "Status", "ProviderName", "DateTimeUTC", "pagination", "Contacts"]
    assert re.fullmatch(r"/Date\(\d+\)/", answer["DateTimeUTC"])
    active = len(actives(practice))
    assert answer["pagination"] == {"page": 1, "pageSize": 1, "pageCount": active, "itemCount": active}
    (contact,) = answer["Contacts"]
    assert MOMENT.fullmatch(contact.pop("UpdatedDateUTC"))
    assert contact == {
        "ContactID": plain["ContactID"],
        "ContactStatus": "ACTIVE",
        "Name": "Eastside Club",
        "Addresses": [{"AddressType": "POBOX"}, {"AddressType": "STREET"}],
        "Phones": [{"PhoneType": kind} for kind in GET_PHONES],
        "ContactGroups": [],
        "IsSupplier": False,
        "IsCustomer": False,
        "ContactPersons": [],
        "HasAttachments": False,
        "HasValidationErrors": False,
    }


def test_details_are_in_paged_answers_and_single_ones_only(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Bayside Wholesale Club")["ContactID"]
    (paged,) = api.listed(page=1, IDs=contact_id)
    single = api.get(f"/Contacts/{contact_id}").json()
    (bare,) = api.get("/Contacts", IDs=contact_id).json()["Contacts"]
    assert "pagination" not in single
    assert single["Contacts"][0] == paged | {"Attachments": []}
    assert len(paged["ContactPersons"]) == 2
    assert paged["PaymentTerms"]["Bills"] == {"Day": 20, "Type": "OFFOLLOWINGMONTH"}
    assert bare["ContactPersons"] == []
    assert not {"PaymentTerms", "SalesDefaultAccountCode", "MergedToContactID"} & set(bare)


def test_a_summary_leaves_out_what_xero_names(api: Api) -> None:
    answer = api.get("/Contacts", summaryOnly="true").json()
    assert answer["pagination"]["pageSize"] == 100
    for contact in answer["Contacts"]:
        assert not {"Addresses", "IsCustomer", "IsSupplier", "ContactPersons", "ContactGroups"} & set(contact)
        assert "Phones" in contact


def test_archived_contacts_show_when_asked_for(api: Api, practice: PracticeServer) -> None:
    winner, loser = practice.named("Aroha Ngata"), practice.named("Old Dunedin Drapery")
    practice.edit(loser["ContactID"], MergedToContactID=winner["ContactID"])
    assert "Old Dunedin Drapery" not in api.names(page=1)
    assert "Forgotten Customer" not in api.names(page=1)
    every = {contact["Name"]: contact for contact in api.listed(page=1, includeArchived="true")}
    assert every["Old Dunedin Drapery"]["ContactStatus"] == "ARCHIVED"
    assert every["Old Dunedin Drapery"]["MergedToContactID"] == winner["ContactID"]
    assert every["Forgotten Customer"]["ContactStatus"] == "GDPRREQUEST"


@pytest.mark.parametrize(("asked", "size"), [("1001", 1000), ("0", 1), ("many", 100)])
def test_the_page_size_is_clamped(api: Api, asked: str, size: int) -> None:
    assert api.get("/Contacts", page=1, pageSize=asked).json()["pagination"]["pageSize"] == size


def test_a_page_past_the_end_is_empty(api: Api) -> None:
    answer = api.get("/Contacts", page=9, pageSize=20).json()
    assert answer["Contacts"] == []
    assert answer["pagination"]["pageCount"] == 3


def test_order(api: Api) -> None:
    by_update = [contact["UpdatedDateUTC"] for contact in api.listed(page=1)]
    assert by_update == sorted(by_update)
    first, last = api.names(order="Name ASC")[0], api.names(order="Name DESC")[0]
    assert (api.names(order="Name DESC")[-1], api.names(order="Name ASC")[-1]) == (first, last)
    ids = [contact["ContactID"] for contact in api.listed(order="ContactID")]
    assert ids == sorted(ids)
    assert api.get("/Contacts", order="Balance").json()["Type"] == "QueryParseException"


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('Name=="te ohu whakau maori ARTS"', ["Te Ohu Whakaū Māori Arts"]),
        ('Name="Jose Fernandez"', ["Jose Fernandez", "José Fernández"]),
        ('Name=="Dave ""Macca"" McKenzie"', ['Dave "Macca" McKenzie']),
        ('EmailAddress=="FAMILY@fernandez.example" AND Name=="José Fernández"', ["Jose Fernandez", "José Fernández"]),
        ('EmailAddress=="bonjour@patisserie.example"&&IsSupplier==true', ["Renée & François Pâtisserie"]),
        ('AccountNumber=="ko-aroha"', ["Aroha Ngata"]),
        ('ContactNumber=="CRM-00042"', ["Pat O\u2019Reilly"]),
        ('Name=="Nobody AND Nothing"', []),
    ],
)
def test_where_finds_equals_without_case_and_accents(api: Api, where: str, names: list[str]) -> None:
    assert sorted(api.names(where=where)) == names


@pytest.mark.parametrize("where", ['Name=="Smith', 'Name.Trim("A")', "Name==", 'Colour=="red"', "1 OR 1=1"])
def test_where_that_cannot_be_parsed(api: Api, where: str) -> None:
    answer = api.get("/Contacts", where=where)
    assert answer.status_code == 400
    assert answer.json()["Type"] == "QueryParseException"
    assert answer.json()["ErrorNumber"] == 16


def test_the_search_term_needs_a_page(api: Api, practice: PracticeServer) -> None:
    assert api.names(searchTerm="siobhan", page=1) == ["Siobhán O'Brien"]
    assert len(api.names(searchTerm="siobhan")) == len(actives(practice))
    assert api.names(searchTerm="crm-000", page=1) == ["Pat O\u2019Reilly"]


def test_ids_find_a_few(api: Api, practice: PracticeServer) -> None:
    wanted = [contact["ContactID"] for contact in actives(practice)][:40]
    found = api.listed(IDs=",".join(wanted), page=1, order="ContactID")
    assert [contact["ContactID"] for contact in found] == wanted
    assert api.get("/Contacts", IDs="not-an-id").status_code == 400


def test_if_modified_since(api: Api, practice: PracticeServer, clock: Clock) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    clock.forward(minutes=10)
    practice.edit(contact_id, FirstName="Solo")
    forms = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000000+00:00", "%a, %d %b %Y %H:%M:%S GMT")
    for header in map(clock().strftime, forms):
        answer = api.http.get("/api.xro/2.0/Contacts", headers={"If-Modified-Since": header})
        assert [contact["ContactID"] for contact in answer.json()["Contacts"]] == [contact_id]
    later = f"{clock() + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"
    answer = api.http.get("/api.xro/2.0/Contacts", headers={"If-Modified-Since": later})
    assert (answer.status_code, answer.json()["Contacts"]) == (200, [])


def test_a_contact_by_its_number(api: Api, practice: PracticeServer) -> None:
    expected = practice.named("Pat O\u2019Reilly")["ContactID"]
    assert api.get("/Contacts/CRM-00042").json()["Contacts"][0]["ContactID"] == expected


@pytest.mark.parametrize(
    "path", ["/Contacts/50e71b5e-e368-4bda-ba17-044a6c0ec328", "/Contacts/nobody", "/Nothing", "/Contacts/x/y/z"]
)
def test_not_found_is_html(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == "The resource you're looking for cannot be found"


def test_another_organisations_contacts_are_not_shown(api: Api, practice: PracticeServer) -> None:
    theirs = practice.contacts(practice.organisations[1].tenant_id)[0]
    assert api.get(f"/Contacts/{theirs['ContactID']}").status_code == 404
    assert api.listed(IDs=theirs["ContactID"]) == []
