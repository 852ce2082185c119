"""`where` and `order` on contacts and on the lists of an organisation."""

import pytest

from tests.contract.conftest import Api, Clock
from tests.support.practice_server import PracticeServer

MACCA = 'Dave "Macca" McKenzie'
MARLEYS = ["Jose Fernandez", "José Fernández"]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('Name.StartsWith("jose")', MARLEYS),
        ('Name.Contains("macca")', [MACCA]),
        ('Name.EndsWith("MCKENZIE")', [MACCA]),
        ('Name.ToLower().Contains("macca")', [MACCA]),
        ('Name=="Only a Name" OR Name=="Huia Couriers"', ["Huia Couriers", "Only a Name"]),
        ('(Name.StartsWith("Jose") OR Name.Contains("macca")) AND FirstName=="dave"', [MACCA]),
        ('Name.StartsWith("Jose") OR Name.Contains("macca") AND FirstName=="nobody"', MARLEYS),
        ('Name.StartsWith("Jose") && Name != "Nobody"', MARLEYS),
        ('ContactNumber != null AND ContactNumber.StartsWith("crm")', ["Pat O\u2019Reilly"]),
        ('EmailAddress == null and LastName == "O\'Brien"', ["Siobhán O'Brien"]),
        ('MergedToContactID == null && name.startswith("only a")', ["Only a Name"]),
        ('IsCustomer==true AND IsSupplier!=false AND Name.StartsWith("Bay")', ["Bayside Wholesale Club"]),
        ('ContactStatus!="ACTIVE"', []),
    ],
)
def test_where_on_contacts(api: Api, where: str, names: list[str]) -> None:
    assert sorted(api.names(where=where)) == names


def test_where_on_contacts_by_guid_and_moment(api: Api, practice: PracticeServer, clock: Clock) -> None:
    contact_id = practice.named("Only a Name")["ContactID"]
    practice.edit(contact_id, FirstName="Solo")
    assert api.names(where=f'ContactID == Guid("{contact_id.upper()}")') == ["Only a Name"]
    today, tomorrow = (f"DateTime(2026, 09, {day})" for day in (clock().day, clock().day + 1))
    assert api.names(where=f"UpdatedDateUTC >= {today} AND UpdatedDateUTC < {tomorrow}") == ["Only a Name"]
    assert api.names(where=f"UpdatedDateUTC > {tomorrow}") == []


def test_where_reaches_a_page_and_its_count(api: Api) -> None:
    where = 'Name.StartsWith("Jose") OR Name.Contains("macca")'
    answer = api.get("/Contacts", where=where, page=2, pageSize=2, order="Name DESC").json()
    assert answer["pagination"] == {"page": 2, "pageSize": 2, "pageCount": 2, "itemCount": 3}
    assert [contact["Name"] for contact in answer["Contacts"]] == [MACCA]


@pytest.mark.parametrize(
    ("where", "complaint"),
    [
        ('Colour=="red"', "No property or field 'Colour' exists in type 'Contact'"),
        ('Name < "a"', "Operator '<' incompatible with operand types 'String' and 'String'"),
        ("Name==1", "Operator '==' incompatible with operand types 'String' and 'Number'"),
        ('ContactID=="x"', "Operator '==' incompatible with operand types 'Guid' and 'String'"),
        ('IsCustomer.Contains("x")', "No applicable method 'Contains' exists in type 'Boolean'"),
        ("IsCustomer==null", "Operator '==' incompatible with operand types 'Boolean' and 'null'"),
    ],
)
def test_what_cannot_be_compared(api: Api, where: str, complaint: str) -> None:
    answer = api.get("/Contacts", where=where)
    assert (answer.status_code, answer.json()["ErrorNumber"], answer.json()["Message"]) == (400, 16, complaint)


@pytest.mark.parametrize(
    ("path", "where", "order", "key", "values"),
    [
        ("Accounts", 'Type=="REVENUE" AND Status=="ACTIVE"', "Name DESC", "Code", ["200", "260"]),
        ("Accounts", 'SystemAccount=="ROUNDING"', "", "Code", ["860"]),
        ("Accounts", 'EnablePaymentsToAccount==true OR Code=="090"', "Code", "Code", ["090", "970", "980"]),
        ("Accounts", 'SystemAccount!=null AND Name.Contains("gain")', "", "Code", ["498", "499"]),
        ("Accounts", "UpdatedDateUTC < DateTime(2023,1,1)", "", "Code", []),
        ("TaxRates", 'Status=="ACTIVE" && CanApplyToRevenue==true && EffectiveRate>0', "", "TaxType", ["OUTPUT2"]),
        ("TaxRates", 'Status != "ACTIVE"', "Name desc", "TaxType", ["OUTPUT", "INPUT"]),
        ("Currencies", 'Code=="NZD"', "Code ASC", "Code", ["NZD"]),
        ("Users", "IsSubscriber==true", "LastName ASC", "FirstName", ["Pat"]),
        ("ContactGroups", 'Status=="ACTIVE"', "Name ASC", "Name", ["Community", "Trade customers"]),
    ],
)
def test_where_and_order_on_lists(api: Api, path: str, where: str, order: str, key: str, values: list[str]) -> None:
    answer = api.get(f"/{path}", where=where, order=order)
    assert answer.status_code == 200, answer.text
    assert [element[key] for element in answer.json()[path]] == values


@pytest.mark.parametrize(("path", "name"), [("Accounts", "Account"), ("TaxRates", "TaxRate"), ("Users", "User")])
def test_a_list_refuses_what_it_does_not_have(api: Api, path: str, name: str) -> None:
    for asked in ({"where": 'Colour=="red"'}, {"order": "Colour"}):
        answer = api.get(f"/{path}", **asked)
        assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")
        assert answer.json()["Message"] == f"No property or field 'Colour' exists in type '{name}'"
