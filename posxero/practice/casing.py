"""Paths and keys of bodies in any case: Xero is indifferent to it, so they are brought into Xero's own spelling."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from posxero.practice import shapes
from posxero.practice.rules import LENGTHS, OBJECTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = "/api.xro/2.0/"
RESOURCES = (
    "Accounts",
    "ContactGroups",
    "Contacts",
    "Currencies",
    "Organisation",
    "Organisations",
    "TaxRates",
    "Users",
)
PARTS = ("Actions", "History")
ORGANISATION = frozenset({"Organisation", "Organisations"})  # what follows them is no identifier
KEYS = (
    *("Contacts", "HistoryRecords", "Details"),
    *(*shapes.SCALARS, *shapes.SETTINGS, *shapes.DETAILS, *LENGTHS, *OBJECTS),
    *("Phones", "PhoneType", *shapes.PHONE_PARTS),
    *("Addresses", "AddressType", *shapes.ADDRESS_PARTS),
    *("ContactPersons", "IncludeInEmails", "IsCustomer", "IsSupplier", "ContactGroups"),
    *("Bills", "Sales", "Day", "Type", "BankAccountNumber", "BankAccountName", "Code", "Reference"),
    *("TrackingCategoryName", "TrackingOptionName"),
)


def _by_lower(names: Iterable[str]) -> dict[str, str]:
    return {name.lower(): name for name in names}


RESOURCE, PART, KEY = _by_lower(RESOURCES), _by_lower(PARTS), _by_lower(KEYS)


def canonical_path(path: str) -> str:
    """Return a path of the Accounting API in Xero's spelling and without a closing slash; identifiers stay."""
    if not path.lower().startswith(ROOT):
        return path
    resource, *rest = path[len(ROOT) :].rstrip("/").split("/")
    resource = RESOURCE.get(resource.lower(), resource)
    first = 0 if resource in ORGANISATION else 1
    rest[first:] = [PART.get(part.lower(), part) for part in rest[first:]]
    return ROOT + "/".join([resource, *rest])


def canonical_keys(body: Any) -> Any:
    """Return a body with the keys that Xero knows in Xero's spelling; others stay."""
    if isinstance(body, list):
        return [canonical_keys(each) for each in body]
    if isinstance(body, dict):
        return {KEY.get(key.lower(), key): canonical_keys(value) for key, value in body.items()}
    return body


class AnyCasePaths:
    """Hands a WSGI application every path in Xero's spelling."""

    def __init__(self, application: "WSGIApplication") -> None:
        """Wrap an application."""
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        environ["PATH_INFO"] = canonical_path(environ["PATH_INFO"])
        return self._application(environ, start_response)
