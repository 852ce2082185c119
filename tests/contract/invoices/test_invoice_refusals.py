"""What Xero refuses of invoices, in its words."""

from typing import Any

import pytest

from tests.contract.conftest import API
from tests.contract.invoices.conftest import InvoiceApi
from tests.support.practice_server import PracticeServer

Json = dict[str, Any]

ARCHIVED = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes"
)
NOBODY = "50e71b5e-e368-4bda-ba17-044a6c0ec328"


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ({"AccountCode": "999"}, ["Account code '999' is not a valid code for this document."]),
        ({"AccountCode": "090"}, ["Account code '090' is not a valid code for this document."]),
        ({"AccountCode": "610"}, ["Account code '610' is not a valid code for this document."]),
        (
            {"AccountCode": "265"},
            [
                (
                    "Account code '265' has been archived, or has been deleted. "
                    "Each line item must reference a valid account."
                )
            ],
        ),
        ({"AccountCode": None}, ["Account code must be specified"]),
        ({"TaxType": "INPUT2"}, ["The TaxType code 'INPUT2' cannot be used with account code '200'."]),
        (
            {"TaxType": "OUTPUT"},
            ["The TaxType code OUTPUT does not exist or cannot be used for this type of transaction."],
        ),
        (
            {"TaxType": "VAT"},
            [
                "The TaxType code VAT does not exist or cannot be used for this type of transaction.",
                "The TaxType code 'VAT' cannot be used with account code '200'.",
            ],
        ),
        ({"LineAmount": "99.00"}, ["The line total 99.00 does not match the expected line total 115.00"]),
        ({"Description": ""}, ["Description must be specified"]),
        ({"Description": "x" * 4001}, ["The Description field cannot be longer than 4000 characters."]),
        ({"UnitAmount": "-1"}, ["The document total cannot be negative"]),
    ],
)
def test_refused_lines(invoices: InvoiceApi, line: Json, messages: list[str]) -> None:
    assert invoices.refusals(invoices.element(line)) == messages
    assert invoices.numbers() == []


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"LineItems": []}, ["One or more line items must be specified"]),
        ({"DueDate": None}, ["The document DueDate field must be specified."]),
        ({"Status": "PAID"}, ["Invoice not of valid status for creation"]),
        ({"CurrencyCode": "USD"}, ["Organisation is not subscribed to currency USD"]),
        (
            {"Contact": {}},
            [
                (
                    "The Contact must contain at least 1 of the following elements to identify the contact: "
                    "Name, ContactID, ContactNumber"
                )
            ],
        ),
        ({"Contact": {"ContactID": NOBODY}}, ["The contact with the specified contact details could not be found"]),
        ({"InvoiceNumber": "Nº 1"}, ["The InvoiceNumber field can contain printable ASCII characters only."]),
        ({"InvoiceNumber": "x" * 256}, ["The InvoiceNumber field cannot be longer than 255 characters."]),
        ({"Reference": "x" * 256}, ["The Reference field cannot be longer than 255 characters."]),
        ({"Url": "not-a-url"}, ["The Url field must be an absolute URL."]),
        ({"LineAmountTypes": "Both"}, ["The LineAmountTypes Both is not valid"]),
        (
            {"Date": "2009-09-30"},
            ["The document date cannot be before the period lock date, currently set at 30-Sep-2009"],
        ),
    ],
)
def test_refused_invoices(invoices: InvoiceApi, fields: Json, messages: list[str]) -> None:
    assert invoices.refusals(invoices.element(**fields)) == messages
    assert invoices.numbers() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"Date": "31.12.2026"},
        {"Date": "2026-02-29"},
        {"LineItems": {}},
        {"LineItems": ["goods"]},
        {"LineItems": [{"Description": "x", "UnitAmount": "ten"}]},
        {"LineItems": [{"Description": "x", "UnitAmount": True}]},
        {"LineItems": [{"Description": "x", "UnitAmount": "NaN"}]},
        {"LineItems": [{"Description": "x", "UnitAmount": "1e40"}]},
        {"Contact": "Ana"},
        {"Contact": {"ContactID": "Ana"}},
        {"Reference": []},
    ],
)
def test_what_cannot_be_read_writes_nothing(invoices: InvoiceApi, fields: Json) -> None:
    answer = invoices.send("PUT", invoices.element(), invoices.element(**fields), summarizeErrors="false")
    assert (answer.status_code, answer.json()["Type"]) == (400, "PostDataInvalidException")
    assert invoices.numbers() == []


def test_a_draft_may_lack_account_and_due_date(invoices: InvoiceApi) -> None:
    created = invoices.create({"AccountCode": None, "Description": ""}, Status="DRAFT", DueDate=None)
    assert (created["Status"], "DueDate" in created) == ("DRAFT", False)
    approval = {"InvoiceID": created["InvoiceID"], "Status": "AUTHORISED"}
    assert invoices.refusals(approval, "POST") == [
        "Description must be specified",
        "Account code must be specified",
        "The document DueDate field must be specified.",
    ]


def test_a_due_date_may_be_before_the_date(invoices: InvoiceApi) -> None:
    assert invoices.create(DueDate="2026-01-01")["DueDateString"] == "2026-01-01T00:00:00"


def test_a_refused_element_echoes_what_was_sent(invoices: InvoiceApi) -> None:
    answer = invoices.send("PUT", invoices.element(Status="PAID", Reference="Echo"))
    assert (answer.status_code, answer.json()["Type"]) == (400, "ValidationException")
    (element,) = answer.json()["Elements"]
    assert element["InvoiceID"] == "00000000-0000-0000-0000-000000000000"
    assert (element["Reference"], element["Date"]) == ("Echo", "/Date(1789344000000+0000)/")


def test_a_number_is_never_given_twice(invoices: InvoiceApi, practice: PracticeServer) -> None:
    first = invoices.create(InvoiceNumber="POS-7")
    assert invoices.refusals(invoices.element(InvoiceNumber="pos-7")) == ["Invoice # must be unique."]
    practice.void(first["InvoiceID"])
    assert invoices.refusals(invoices.element(InvoiceNumber="POS-7")) == ["Invoice # must be unique."]
    invoices.create(InvoiceNumber="INV-0001")
    second = invoices.create()
    assert second["InvoiceNumber"] == "INV-0002"
    change = {"InvoiceID": second["InvoiceID"], "InvoiceNumber": "POS-7"}
    assert invoices.refusals(change, "POST") == ["Invoice # must be unique."]


def test_an_archived_contact(invoices: InvoiceApi, practice: PracticeServer) -> None:
    held = invoices.create()["InvoiceID"]
    practice.act(invoices.contact_id, "archive")
    assert invoices.refusals(invoices.element()) == [ARCHIVED]
    assert invoices.send("POST", {"InvoiceID": held, "Status": "VOIDED"}).status_code == 200


def test_lock_dates(invoices: InvoiceApi, practice: PracticeServer, api: Any) -> None:
    held = invoices.create()["InvoiceID"]
    practice.set_lock_date("2026-09-14", is_end_of_year=True)
    message = "The document date cannot be before the end of year lock date, currently set at 14-Sep-2026"
    assert invoices.refusals(invoices.element()) == [message]
    assert invoices.refusals({"InvoiceID": held, "Status": "VOIDED"}, "POST") == [message]
    assert invoices.refusals({"InvoiceID": held, "Date": "2026-09-15"}, "POST") == [message]
    organisation = api.get("/Organisation").json()["Organisations"][0]
    assert organisation["EndOfYearLockDate"] == "/Date(1789344000000+0000)/"
    practice.set_lock_date(None)
    assert "PeriodLockDate" not in api.get("/Organisation").json()["Organisations"][0]
    assert invoices.create(Date="2026-09-15")["Status"] == "AUTHORISED"


def test_accounts_and_tax_rates_that_go(invoices: InvoiceApi, practice: PracticeServer, api: Any) -> None:
    practice.archive_account("200")
    practice.retire_tax_rate("OUTPUT2")
    assert [each["Status"] for each in api.get("/Accounts", where='Code=="200"').json()["Accounts"]] == ["ARCHIVED"]
    assert api.get("/TaxRates", where='TaxType=="OUTPUT2"').json()["TaxRates"][0]["Status"] == "DELETED"
    assert "has been archived" in invoices.refusals(invoices.element({"TaxType": "NONE"}))[0]
    assert "does not exist" in invoices.refusals(invoices.element({"AccountCode": "260"}))[0]
    practice.archive_account("200", "restore")
    practice.retire_tax_rate("OUTPUT2", "restore")
    assert invoices.create()["Status"] == "AUTHORISED"


def test_a_currency_is_used_once_it_was_added(invoices: InvoiceApi, practice: PracticeServer, api: Any) -> None:
    assert invoices.refusals(invoices.element(CurrencyCode="AUD")) == ["Organisation is not subscribed to currency AUD"]
    practice.change_settings(added_currencies=["AUD"])
    assert [each["Code"] for each in api.get("/Currencies").json()["Currencies"]] == ["NZD", "AUD"]
    assert invoices.create(CurrencyCode="AUD")["Status"] == "AUTHORISED"


def test_an_approval_rule_answers_another_status(invoices: InvoiceApi, practice: PracticeServer, api: Any) -> None:
    practice.set_approval_rule("SUBMITTED")
    created = invoices.create()
    assert (created["Status"], invoices.read(created["InvoiceID"])["Status"]) == ("SUBMITTED", "SUBMITTED")
    actions = {each["Name"]: each["Status"] for each in api.get("/Organisation/Actions").json()["Actions"]}
    assert actions["CreateApprovedInvoice"] == "NOT-ALLOWED"
    assert practice.change_invoice(created["InvoiceID"], Status="AUTHORISED")["Status"] == "AUTHORISED"


def test_a_deleted_invoice(invoices: InvoiceApi) -> None:
    draft, approved = invoices.create(Status="DRAFT")["InvoiceID"], invoices.create()["InvoiceID"]
    assert invoices.send("POST", {"InvoiceID": draft, "Status": "DELETED"}).status_code == 200
    assert invoices.read(draft)["Status"] == "DELETED"
    change = {"InvoiceID": approved, "Status": "DELETED"}
    assert invoices.refusals(change, "POST") == ["Invoice not of valid status for modification"]


def test_unknown_invoices(invoices: InvoiceApi) -> None:
    assert invoices.send("POST", {"InvoiceID": NOBODY, "Status": "VOIDED"}).status_code == 404
    for identifier in (NOBODY, "POS-404"):
        answer = invoices.api.http.get(f"{API}/Invoices/{identifier}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert invoices.api.get("/Invoices", where="Colour==1").status_code == 400
