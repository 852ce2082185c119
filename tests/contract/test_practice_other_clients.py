"""The calls that pyxero 0.9.5 and tap-xero 2.6.0 make, as their code was seen to send them.

Neither can be installed beside us: pyxero needs python-dateutil below 3, where RQ's croniter needs 4; tap-xero pins
versions of its own.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest

from tests.contract.conftest import API, Api
from tests.support.practice_server import PracticeServer

TAP_LISTS = ("Accounts", "Users", "ContactGroups", "Currencies", "Organisations", "TaxRates")


def send_xml(api: Api, method: str, path: str, body: str) -> httpx2.Response:
    headers = {"Content-Type": "application/xml", "Accept": "application/json"}
    return api.http.request(method, f"{API}{path}", content=body.encode(), headers=headers)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('Name.contains("macca")', ['Dave "Macca" McKenzie']),
        ('Name.startswith("Te Ohu")', ["Te Ohu Whakaū Māori Arts"]),
        ('EmailAddress!=null&&EmailAddress.endswith("patisserie.example")', ["Renée & François Pâtisserie"]),
        ('Name.tolower()=="only a name"', ["Only a Name"]),
        ('Name=="Only a Name" OR Name=="Huia Couriers"', ["Huia Couriers", "Only a Name"]),
        ('FirstName!="Siobhán"&&LastName=="O\'Brien"', []),
        ("FirstName=null&&BankAccountDetails!=null&&IsSupplier==true&&IsCustomer==true", ["Bayside Wholesale Club"]),
    ],
)
def test_filters_of_pyxero(api: Api, where: str, names: list[str]) -> None:
    assert sorted(api.names(where=where)) == names


def test_ids_of_pyxero_have_no_hyphens(api: Api, practice: PracticeServer) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    assert api.names(IDs=UUID(contact_id).hex) == ["Only a Name"]
    assert api.names(where=f'ContactID==Guid("{contact_id}")') == ["Only a Name"]


def test_since_of_pyxero_is_an_http_date(api: Api, practice: PracticeServer) -> None:
    practice.edit(practice.named("Only a Name")["ContactID"], FirstName="Solo")
    since = datetime(2026, 9, 14, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answer = api.http.get(f"{API}/Contacts", headers={"If-Modified-Since": since})
    assert [contact["FirstName"] for contact in answer.json()["Contacts"]] == ["Solo"]


def test_writes_of_pyxero_are_xml(api: Api, practice: PracticeServer) -> None:
    phones = "<Phones><Phone><PhoneType>MOBILE</PhoneType><PhoneNumber>021 1</PhoneNumber></Phone></Phones>"
    answer = send_xml(api, "PUT", "/Contacts", f"<Contact><Name>Kea &amp; Co</Name>{phones}</Contact>")
    (made,) = answer.json()["Contacts"]
    assert practice.contact(made["ContactID"])["Phones"]["MOBILE"]["PhoneNumber"] == "021 1"
    contact = f"<ContactID>{made['ContactID']}</ContactID>"
    batch = f"<Contacts><Contact>{contact}<FirstName>Kea</FirstName></Contact></Contacts>"
    assert send_xml(api, "POST", "/Contacts", batch).json()["Contacts"][0]["FirstName"] == "Kea"
    note = "<HistoryRecord><Details>Rang</Details></HistoryRecord>"
    path = f"/Contacts/{made['ContactID']}/history"
    assert send_xml(api, "PUT", path, note).status_code == 200
    assert api.get(f"{path}/").json()["HistoryRecords"][0]["Details"] == "Rang"


@pytest.mark.parametrize(
    "body", ["<Contact>", "", "Name", '<!DOCTYPE x [<!ENTITY a "a">]><Contact><Name>&a;</Name></Contact>']
)
def test_xml_that_cannot_be_read(api: Api, body: str) -> None:
    answer = send_xml(api, "PUT", "/Contacts", body)
    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")


def test_pages_of_tap_xero(api: Api, practice: PracticeServer) -> None:
    walked: list[dict[str, Any]] = []
    for page in (1, 2):
        asked = {"order": "UpdatedDateUTC ASC", "page": str(page), "includeArchived": "true"}
        headers = {"If-Modified-Since": "2016-01-01T00:00:00Z"}
        walked += api.http.get(f"{API}/Contacts", params=asked, headers=headers).json()["Contacts"]
    assert sorted(contact["ContactID"] for contact in walked) == [each["ContactID"] for each in practice.contacts()]
    assert [contact["UpdatedDateUTC"] for contact in walked] == sorted(contact["UpdatedDateUTC"] for contact in walked)


@pytest.mark.parametrize("resource", TAP_LISTS)
def test_lists_of_tap_xero(api: Api, resource: str) -> None:
    answer = api.http.get(f"{API}/{resource}", headers={"If-Modified-Since": "2016-01-01T00:00:00Z"})
    assert answer.status_code == 200
    assert answer.json()[resource]
