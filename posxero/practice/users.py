"""The users of an organisation, and the actions that the app may take in it."""

from typing import Any
from uuid import uuid5

from posxero.practice.organisations import ID_NAMESPACE
from posxero.practice.tokens import USER_ID

USERS = (  # first name, last name, role; the first is the one user of Practice Xero
    ("Pat", "Practice", "FINANCIALADVISER"),
    ("Robin", "Reader", "READONLY"),
)
ALLOWED_ACTIONS = (
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
FORBIDDEN_ACTIONS = ("UseMulticurrency",)


def list_users(tenant_id: str) -> list[dict[str, Any]]:
    """Return the elements of GET /Users."""
    return [
        {
            "UserID": USER_ID if first == "Pat" else str(uuid5(ID_NAMESPACE, f"{tenant_id} {first}")),
            "EmailAddress": f"{first.lower()}@kiwioutfitters.example",
            "FirstName": first,
            "LastName": last,
            "UpdatedDateUTC": "/Date(1672531200000+0000)/",
            "IsSubscriber": first == "Pat",
            "OrganisationRole": role,
        }
        for first, last, role in USERS
    ]


def list_actions(*, is_approval_required: bool) -> list[dict[str, str]]:
    """Return the elements of GET /Organisation/Actions."""
    statuses = dict.fromkeys(ALLOWED_ACTIONS, "ALLOWED") | dict.fromkeys(FORBIDDEN_ACTIONS, "NOT-ALLOWED")
    if is_approval_required:
        statuses["CreateApprovedInvoice"] = "NOT-ALLOWED"
    return [{"Name": name, "Status": status} for name, status in statuses.items()]
