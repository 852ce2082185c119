"""The people who use an organisation, and what the app may do in it."""

from typing import Any
from uuid import uuid5

from posxero.practice.organisations import FAMILY
from posxero.practice.tokens import USER

PEOPLE = (  # first name, last name, role; the first is the one user of Practice Xero
    ("Pat", "Practice", "FINANCIALADVISER"),
    ("Robin", "Reader", "READONLY"),
)
ALLOWED = (
    "CreateApprovedInvoice",
    "CreateDraftPurchaseOrder",
    "CreateApprovedBill",
    "AttachFilesIntoInvoice",
    "CreateDraftInvoice",
    "CreateRepeatingInvoice",
    "CreateRepeatingBill",
    "CreateSentQuote",
    "CreateInvoicePayment",
    "CreateApprovedPurchaseOrder",
    "CreateDraftQuote",
    "CreateDraftBill",
    "CreateBillPayment",
)
NOT_ALLOWED = ("UseMulticurrency",)


def people(tenant_id: str) -> list[dict[str, Any]]:
    """Return the elements of GET /Users."""
    return [
        {
            "UserID": USER if first == "Pat" else str(uuid5(FAMILY, f"{tenant_id} {first}")),
            "EmailAddress": f"{first.lower()}@kiwioutfitters.example",
            "FirstName": first,
            "LastName": last,
            "UpdatedDateUTC": "/Date(1672531200000+0000)/",
            "IsSubscriber": first == "Pat",
            "OrganisationRole": role,
        }
        for first, last, role in PEOPLE
    ]


def actions() -> list[dict[str, str]]:
    """Return the elements of GET /Organisation/Actions."""
    statuses = dict.fromkeys(ALLOWED, "ALLOWED") | dict.fromkeys(NOT_ALLOWED, "NOT-ALLOWED")
    return [{"Name": name, "Status": status} for name, status in statuses.items()]
