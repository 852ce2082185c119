"""The shapes of Xero's answers about contacts, as recorded from the Demo Company.

Inside, a contact is a *record*: Xero's fields by Xero's names, with `Phones` and `Addresses` as mappings
by type and `UpdatedDateUTC` in milliseconds.
"""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from posxero.practice import xero_dates

Json = dict[str, Any]

NOBODY = "00000000-0000-0000-0000-000000000000"  # the ContactID of an element that was not written
PHONE_PARTS = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")
PHONES_READ = ("DDI", "DEFAULT", "FAX", "MOBILE")
PHONES_WRITTEN = ("DEFAULT", "DDI", "FAX", "MOBILE")
LINES = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
PLACES = ("City", "Region", "PostalCode", "Country")
ADDRESS_PARTS = (*LINES, *PLACES, "AttentionTo")
ADDRESSES_READ = ("POBOX", "STREET")
ADDRESSES_WRITTEN = ("STREET", "POBOX")
SCALARS = (
    "ContactID",
    "ContactNumber",
    "AccountNumber",
    "ContactStatus",
    "Name",
    "FirstName",
    "LastName",
    "CompanyNumber",
    "EmailAddress",
    "BankAccountDetails",
    "TaxNumber",
    "TaxNumberType",
    "AccountsReceivableTaxType",
    "AccountsPayableTaxType",
)
SETTINGS = (
    "DefaultCurrency",
    "XeroNetworkKey",
    "SalesDefaultLineAmountType",
    "PurchasesDefaultLineAmountType",
    "Website",
    "Discount",
)
DETAILS = (  # only in paged answers, and in those about one contact
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
    "SalesTrackingCategories",
    "PurchasesTrackingCategories",
    "PaymentTerms",
    "BatchPayments",
    "Balances",
    "MergedToContactID",
)
NOT_IN_SUMMARY = frozenset(
    {
        "Addresses",
        "Balances",
        "ContactGroups",
        "ContactPersons",
        "IsCustomer",
        "IsSupplier",
        "SalesDefaultAccountCode",
        "PurchasesDefaultAccountCode",
        "SalesTrackingCategories",
        "PurchasesTrackingCategories",
    }
)


def read(record: Json, *, detailed: bool, by_api: bool = False, summary: bool = False) -> Json:
    """Shape a contact for a GET; `by_api` is whether the API has ever written it, which changes its empty fields."""
    answer = _core(record, by_api=by_api)
    answer |= _filled(record, SETTINGS)
    if detailed:
        answer |= _filled(record, DETAILS)
    answer["ContactPersons"] = record.get("ContactPersons", []) if detailed else []
    answer |= {"HasAttachments": False, "HasValidationErrors": False}
    return {key: value for key, value in answer.items() if not (summary and key in NOT_IN_SUMMARY)}


def written(record: Json, *, verdict: bool) -> Json:
    """Shape a contact for the answer to its write."""
    answer = _core(record, by_api=True)
    answer |= {"SalesTrackingCategories": [], "PurchasesTrackingCategories": []}
    answer |= _filled(record, (*SETTINGS, *DETAILS))
    answer |= {"ContactPersons": record.get("ContactPersons", []), "HasValidationErrors": False}
    return answer | ({"StatusAttributeString": "OK"} if verdict else {})


def refused(sent: Json, record: Json | None, messages: Iterable[str], *, verdict: bool) -> Json:
    """Shape an element that was not written: what was sent, and why not."""
    answer: Json = {"ContactID": NOBODY}
    if record is not None:
        answer = {key: record[key] for key in ("ContactID", "ContactStatus", "Name")}
    lists: Json = {"Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": []}
    answer |= {key: value for key, value in sent.items() if key not in lists}
    for key in lists:
        entries = sent.get(key) if isinstance(sent.get(key), list) else []
        answer[key] = [entry | {"ValidationErrors": []} for entry in entries or [] if isinstance(entry, dict)]
    answer["HasValidationErrors"] = True
    if verdict:
        answer["StatusAttributeString"] = "ERROR"
    return answer | {"ValidationErrors": [{"Message": message} for message in messages]}


def _core(record: Json, *, by_api: bool) -> Json:
    """Shape what every answer has.

    What the API never wrote leaves empty fields out and begins with POBOX and DDI; what it did has "" in them and
    begins with STREET and DEFAULT. Every phone and address type is listed in both.
    """
    if by_api:
        answer = {key: record.get(key) or "" for key in SCALARS if key in record or key == "BankAccountDetails"}
        answer["Addresses"] = _typed(record["Addresses"], "AddressType", ADDRESSES_WRITTEN, ADDRESS_PARTS, PLACES)
        answer["Phones"] = _typed(record["Phones"], "PhoneType", PHONES_WRITTEN, PHONE_PARTS, PHONE_PARTS)
    else:
        answer = _filled(record, SCALARS)
        answer["Addresses"] = _typed(record["Addresses"], "AddressType", ADDRESSES_READ, ADDRESS_PARTS)
        answer["Phones"] = _typed(record["Phones"], "PhoneType", PHONES_READ, PHONE_PARTS)
    return answer | _standing(record)


def _filled(source: Mapping[str, Any], keys: Iterable[str]) -> Json:
    return {key: source[key] for key in keys if source.get(key)}


def _typed(
    held: Json, label: str, kinds: Iterable[str], parts: Iterable[str], always: Container[str] = frozenset()
) -> list[Json]:
    """List every type with the parts that hold something, and with those of `always` even when they are empty."""
    return [
        {label: kind}
        | {part: value for part in parts if (value := held.get(kind, {}).get(part) or "") or part in always}
        for kind in kinds
    ]


def _standing(record: Json) -> Json:
    return {
        "UpdatedDateUTC": xero_dates.with_offset(record["UpdatedDateUTC"]),
        "ContactGroups": record.get("ContactGroups", []),
        "IsSupplier": record["IsSupplier"],
        "IsCustomer": record["IsCustomer"],
    }
