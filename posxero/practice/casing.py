"""Bring paths and keys of bodies into Xero's spelling, because Xero ignores their case."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from posxero.practice import shapes
from posxero.practice.rules import MAX_LENGTHS, OBJECT_FIELDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API_ROOT = "/api.xro/2.0/"
RESOURCE_NAMES = (
    "Accounts",
    "ContactGroups",
    "Contacts",
    "CreditNotes",
    "Currencies",
    "Invoices",
    "Organisation",
    "Organisations",
    "Overpayments",
    "Payments",
    "TaxRates",
    "Users",
)
SUBRESOURCE_NAMES = ("Actions", "History")
ORGANISATION_NAMES = frozenset({"Organisation", "Organisations"})  # what follows them is no identifier
KEY_NAMES = (
    *("Contacts", "HistoryRecords", "Details"),
    *(*shapes.SCALAR_FIELDS, *shapes.SETTING_FIELDS, *shapes.DETAIL_FIELDS, *MAX_LENGTHS, *OBJECT_FIELDS),
    *("Phones", "PhoneType", *shapes.PHONE_PARTS),
    *("Addresses", "AddressType", *shapes.ADDRESS_PARTS),
    *("ContactPersons", "IncludeInEmails", "IsCustomer", "IsSupplier", "ContactGroups"),
    *("Bills", "Sales", "Day", "Type", "BankAccountNumber", "BankAccountName", "Code", "Reference"),
    *("TrackingCategoryName", "TrackingOptionName"),
    *("Invoices", "InvoiceID", "InvoiceNumber", "Contact", "Status", "Date", "DueDate", "ExpectedPaymentDate"),
    *("LineAmountTypes", "CurrencyCode", "CurrencyRate", "Url", "SentToContact", "BrandingThemeID", "LineItems"),
    *("LineItemID", "Description", "Quantity", "UnitAmount", "LineAmount", "TaxType", "TaxAmount", "AccountCode"),
    *("ItemCode", "DiscountRate", "DiscountAmount"),
)


def _by_lower(names: Iterable[str]) -> dict[str, str]:
    return {name.lower(): name for name in names}


RESOURCE_BY_LOWER, SUBRESOURCE_BY_LOWER, KEY_BY_LOWER = (
    _by_lower(RESOURCE_NAMES),
    _by_lower(SUBRESOURCE_NAMES),
    _by_lower(KEY_NAMES),
)


def canonical_path(path: str) -> str:
    """Return a path of the Accounting API in Xero's spelling and without a closing slash; identifiers stay."""
    if not path.lower().startswith(API_ROOT):
        return path
    resource, *rest = path[len(API_ROOT) :].rstrip("/").split("/")
    resource = RESOURCE_BY_LOWER.get(resource.lower(), resource)
    first = 0 if resource in ORGANISATION_NAMES else 1
    rest[first:] = [SUBRESOURCE_BY_LOWER.get(part.lower(), part) for part in rest[first:]]
    return API_ROOT + "/".join([resource, *rest])


def canonical_keys(body: Any) -> Any:
    """Return a body with the keys that Xero knows in Xero's spelling; others stay."""
    if isinstance(body, list):
        return [canonical_keys(each) for each in body]
    if isinstance(body, dict):
        return {KEY_BY_LOWER.get(key.lower(), key): canonical_keys(value) for key, value in body.items()}
    return body


class CaseInsensitivePaths:
    """WSGI middleware that brings every path into Xero's spelling."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Wrap an application."""
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        environ["PATH_INFO"] = canonical_path(environ["PATH_INFO"])
        return self._application(environ, start_response)
