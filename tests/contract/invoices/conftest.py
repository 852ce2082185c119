"""Invoices as tests send them, by plain HTTP and by the official SDK."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from xero_python.accounting import Contact, Invoice, Invoices, LineAmountTypes, LineItem

from tests.contract.conftest import API, Api, Sdk
from tests.support.practice_server import PracticeServer

CUSTOMER = "Only a Name"
TODAY = date(2026, 9, 14)  # of the clock, in New Zealand


@dataclass
class InvoiceApi:
    """Calls /Invoices with a good token for the first organisation; new invoices are for one customer."""

    api: Api
    contact_id: str

    def element(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Return an invoice of 115.00 with tax, or of other lines, that is good as it is."""
        line = {"Description": "Goods", "Quantity": 1, "UnitAmount": "115.00", "AccountCode": "200"}
        return {
            "Type": "ACCREC",
            "Contact": {"ContactID": self.contact_id},
            "LineItems": [line | each for each in lines or ({},)],
            "LineAmountTypes": "Inclusive",
            "Date": "2026-09-14",
            "DueDate": "2026-10-20",
            "Status": "AUTHORISED",
        } | fields

    def send(self, method: str, *elements: dict[str, Any], path: str = "", key: str = "", **parameters: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        url = f"{API}/Invoices{path}"
        return self.api.http.request(method, url, json={"Invoices": elements}, headers=headers, params=parameters)

    def create(self, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Create an invoice and return it as answered."""
        answer = self.send("PUT", self.element(*lines, **fields))
        assert answer.status_code == 200, answer.text
        (invoice,) = answer.json()["Invoices"]
        created: dict[str, Any] = invoice
        return created

    def refusals(self, element: dict[str, Any], method: str = "PUT") -> list[str]:
        """Return the validation errors of a write that must be refused."""
        answer = self.send(method, element, summarizeErrors="false")
        assert answer.status_code == 200, answer.text
        (answered,) = answer.json()["Invoices"]
        assert (answered["StatusAttributeString"], answered["HasErrors"]) == ("ERROR", True)
        return [error["Message"] for error in answered["ValidationErrors"]]

    def read(self, identifier: str) -> dict[str, Any]:
        """Return one invoice as GET answers it."""
        (invoice,) = self.api.get(f"/Invoices/{identifier}").raise_for_status().json()["Invoices"]
        found: dict[str, Any] = invoice
        return found

    def numbers(self, since: str = "", **parameters: Any) -> list[str]:
        """Return the numbers of a list."""
        headers = {"If-Modified-Since": since} if since else {}
        answer = self.api.http.get(f"{API}/Invoices", params=parameters, headers=headers)
        assert answer.status_code == 200, answer.text
        return [invoice["InvoiceNumber"] for invoice in answer.json()["Invoices"]]

    def owed(self) -> tuple[float, float]:
        """Return what the customer owes, and what of it is overdue, as a page of contacts has it."""
        (contact,) = self.api.listed(IDs=self.contact_id, page=1, includeArchived="true")
        receivable = contact["Balances"]["AccountsReceivable"]
        return receivable["Outstanding"], receivable["Overdue"]


@pytest.fixture
def invoices(api: Api, practice: PracticeServer) -> InvoiceApi:
    return InvoiceApi(api, practice.named(CUSTOMER)["ContactID"])


@pytest.fixture
def sale(practice: PracticeServer) -> Invoice:
    """A sale as the official SDK sends it."""
    return Invoice(
        type="ACCREC",
        contact=Contact(contact_id=practice.named(CUSTOMER)["ContactID"]),
        line_items=[LineItem(description="Boots", quantity=2, unit_amount=10.50, account_code="200")],
        date=TODAY,
        due_date=TODAY,
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        reference="Till 1",
        status="AUTHORISED",
    )


def create(sdk: Sdk, *sent: Invoice, **options: Any) -> list[Any]:
    """Create invoices with the official SDK."""
    created: list[Any] = sdk.accounting.create_invoices(sdk.tenant, Invoices(invoices=list(sent)), **options).invoices
    return created
