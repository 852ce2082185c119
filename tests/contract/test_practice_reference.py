"""What the Accounting API tells about an organisation: accounts, tax rates, groups, currencies, users, actions."""

from typing import Any

import pytest

from tests.contract.conftest import Api
from tests.support.practice_server import SCOPE, PracticeServer

LATER = {"If-Modified-Since": "2030-01-01T00:00:00"}


def accounts(api: Api) -> dict[str, dict[str, Any]]:
    return {account["Code"]: account for account in api.get("/Accounts").json()["Accounts"]}


def test_system_accounts_are_named(api: Api) -> None:
    named = {code: account["SystemAccount"] for code, account in accounts(api).items() if "SystemAccount" in account}
    assert named.items() >= {"610": "DEBTORS", "800": "CREDITORS", "820": "GST", "860": "ROUNDING"}.items()
    assert "200" not in named


def test_payments_go_to_accounts_that_are_neither_sales_nor_the_systems(api: Api) -> None:
    payable = [account for account in accounts(api).values() if account["EnablePaymentsToAccount"]]
    assert {account["Code"] for account in payable} == {"970", "980"}
    assert {account["Type"] for account in payable} == {"EQUITY"}


def test_a_bank_account_has_its_number_and_currency(api: Api) -> None:
    bank = accounts(api)["090"]
    assert (bank["Type"], bank["BankAccountType"], bank["CurrencyCode"]) == ("BANK", "BANK", "NZD")
    assert bank["BankAccountNumber"]


def test_archived_accounts_and_deleted_rates_are_listed_too(api: Api) -> None:
    assert {account["Status"] for account in accounts(api).values()} == {"ACTIVE", "ARCHIVED"}
    rates = {rate["TaxType"]: rate for rate in api.get("/TaxRates").json()["TaxRates"]}
    assert {kind for kind, rate in rates.items() if rate["Status"] == "DELETED"} == {"INPUT", "OUTPUT"}
    assert rates["ZERORATED"]["CanApplyToAssets"] is False
    assert rates["OUTPUT2"]["TaxComponents"] == [
        {"Name": "GST", "Rate": 15.0, "IsCompound": False, "IsNonRecoverable": False}
    ]


def test_if_modified_since_counts_for_accounts_and_users_only(api: Api) -> None:
    found = {
        path: len(api.http.get(f"/api.xro/2.0/{path}", headers=LATER).json()[path])
        for path in ("Accounts", "Users", "TaxRates", "Currencies")
    }
    assert found == {"Accounts": 0, "Users": 0, "TaxRates": 7, "Currencies": 1}


def test_currencies_users_and_actions(api: Api) -> None:
    assert api.get("/Currencies").json()["Currencies"] == [{"Code": "NZD", "Description": "New Zealand Dollar"}]
    users = api.get("/Users").json()["Users"]
    assert {user["OrganisationRole"] for user in users} == {"FINANCIALADVISER", "READONLY"}
    assert api.get(f"/Users/{users[0]['UserID']}").json()["Users"] == users[:1]
    assert api.get("/Users/nobody").status_code == 404
    actions = {action["Name"]: action["Status"] for action in api.get("/Organisation/Actions").json()["Actions"]}
    assert (actions["CreateApprovedInvoice"], actions["UseMulticurrency"]) == ("ALLOWED", "NOT-ALLOWED")


def test_a_group_names_its_active_members(api: Api, practice: PracticeServer) -> None:
    (group,) = api.get("/ContactGroups", where='Name=="Trade customers"').json()["ContactGroups"]
    assert group["Contacts"] == []
    path = f"/ContactGroups/{group['ContactGroupID']}"
    members = ["Bayside Wholesale Club", "Smith, Jones & Partners"]
    assert [each["Name"] for each in api.get(path).json()["ContactGroups"][0]["Contacts"]] == members
    bayside = practice.named(members[0])["ContactID"]
    (held,) = api.get(f"/Contacts/{bayside}").json()["Contacts"][0]["ContactGroups"]
    assert (held["ContactGroupID"], held["Name"], held["Status"]) == (group["ContactGroupID"], group["Name"], "ACTIVE")
    api.post({"ContactID": bayside, "ContactStatus": "ARCHIVED"})
    assert [each["Name"] for each in api.get(path).json()["ContactGroups"][0]["Contacts"]] == members[1:]
    assert api.get("/ContactGroups/50e71b5e-e368-4bda-ba17-044a6c0ec328").status_code == 404


@pytest.mark.parametrize("path", ["ContactGroups", "Currencies", "Users", "Organisation/Actions"])
def test_they_are_read_only(api: Api, path: str) -> None:
    assert api.http.put(f"/api.xro/2.0/{path}", json={"Name": "New"}).status_code == 404


def test_groups_need_the_scope_of_contacts_and_the_rest_that_of_settings(practice: PracticeServer) -> None:
    for scope, readable in (("accounting.contacts.read", "ContactGroups"), ("accounting.settings.read", "Users")):
        token = practice.tokens(scope=scope)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": practice.tenant}
        for path in ("ContactGroups", "Users"):
            answer = practice.http.get(f"/api.xro/2.0/{path}", headers=headers)
            assert answer.status_code == (200 if path == readable else 401), (SCOPE, path)
