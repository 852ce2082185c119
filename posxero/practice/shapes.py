"""Contacts as the elements of Xero's answers, as recorded from the Demo Company.

Inside, a contact is a *record*: Xero's fields by Xero's names, with `Phones` and `Addresses` as mappings
by type and `UpdatedDateUTC` in milliseconds.
"""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from posxero.practice import xero_dates

Json = dict[str, Any]

EMPTY_ID = "00000000-0000-0000-0000-000000000000"  # the ContactID of an element that was not written
PHONE_PARTS = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")
PHONE_TYPES_READ = ("DDI", "DEFAULT", "FAX", "MOBILE")
PHONE_TYPES_WRITTEN = ("DEFAULT", "DDI", "FAX", "MOBILE")
ADDRESS_LINES = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
PLACE_PARTS = ("City", "Region", "PostalCode", "Country")
ADDRESS_PARTS = (*ADDRESS_LINES, *PLACE_PARTS, "AttentionTo")
ADDRESS_TYPES_READ = ("POBOX", "STREET")
ADDRESS_TYPES_WRITTEN = ("STREET", "POBOX")
SCALAR_FIELDS = (
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
SETTING_FIELDS = (
    "DefaultCurrency",
    "XeroNetworkKey",
    "SalesDefaultLineAmountType",
    "PurchasesDefaultLineAmountType",
    "Website",
    "Discount",
)
DETAIL_FIELDS = (  # only in paged answers, and in those about one contact
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
    "SalesTrackingCategories",
    "PurchasesTrackingCategories",
    "PaymentTerms",
    "BatchPayments",
    "Balances",
    "MergedToContactID",
)
FIELDS_NOT_IN_SUMMARY = frozenset(
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


def contact_for_read(record: Json, *, detailed: bool, by_api: bool = False, summary: bool = False) -> Json:
    """Return the element of a GET; `by_api` says whether the API has ever written the contact."""
    answer = _common_fields(record, by_api=by_api)
    answer |= _non_empty(record, SETTING_FIELDS)
    if detailed:
        answer |= _non_empty(record, DETAIL_FIELDS)
    answer["ContactPersons"] = record.get("ContactPersons", []) if detailed else []
    answer |= {"HasAttachments": False, "HasValidationErrors": False}
    return {key: value for key, value in answer.items() if not (summary and key in FIELDS_NOT_IN_SUMMARY)}


def contact_for_write(record: Json, *, with_status: bool) -> Json:
    """Return the element of the answer to a write."""
    answer = _common_fields(record, by_api=True)
    answer |= {"SalesTrackingCategories": [], "PurchasesTrackingCategories": []}
    answer |= _non_empty(record, (*SETTING_FIELDS, *DETAIL_FIELDS))
    answer |= {"ContactPersons": record.get("ContactPersons", []), "HasValidationErrors": False}
    return answer | ({"StatusAttributeString": "OK"} if with_status else {})


def refused_contact(sent: Json, record: Json | None, messages: Iterable[str], *, with_status: bool) -> Json:
    """Return the element of a refused write: what was sent, and the validation errors."""
    answer: Json = {"ContactID": EMPTY_ID}
    if record is not None:
        answer = {key: record[key] for key in ("ContactID", "ContactStatus", "Name")}
    lists: Json = {"Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": []}
    answer |= {key: value for key, value in sent.items() if key not in lists}
    for key in lists:
        entries = sent.get(key) if isinstance(sent.get(key), list) else []
        answer[key] = [entry | {"ValidationErrors": []} for entry in entries or [] if isinstance(entry, dict)]
    answer["HasValidationErrors"] = True
    if with_status:
        answer["StatusAttributeString"] = "ERROR"
    return answer | {"ValidationErrors": [{"Message": message} for message in messages]}


def _common_fields(record: Json, *, by_api: bool) -> Json:
    """Return the fields that every answer has.

    What the API never wrote leaves empty fields out and begins with POBOX and DDI; what it did has "" in them and
    begins with STREET and DEFAULT. Every phone and address type is listed in both.
    """
    if by_api:
        answer = {key: record.get(key) or "" for key in SCALAR_FIELDS if key in record or key == "BankAccountDetails"}
        answer["Addresses"] = _by_type(
            record["Addresses"], "AddressType", ADDRESS_TYPES_WRITTEN, ADDRESS_PARTS, PLACE_PARTS
        )
        answer["Phones"] = _by_type(record["Phones"], "PhoneType", PHONE_TYPES_WRITTEN, PHONE_PARTS, PHONE_PARTS)
    else:
        answer = _non_empty(record, SCALAR_FIELDS)
        answer["Addresses"] = _by_type(record["Addresses"], "AddressType", ADDRESS_TYPES_READ, ADDRESS_PARTS)
        answer["Phones"] = _by_type(record["Phones"], "PhoneType", PHONE_TYPES_READ, PHONE_PARTS)
    return answer | _status_fields(record)


def _non_empty(source: Mapping[str, Any], keys: Iterable[str]) -> Json:
    return {key: source[key] for key in keys if source.get(key)}


def _by_type(
    held: Json, label: str, kinds: Iterable[str], parts: Iterable[str], always: Container[str] = frozenset()
) -> list[Json]:
    """List every type with its non-empty parts, and with the parts in `always` even if they are empty."""
    return [
        {label: kind}
        | {part: value for part in parts if (value := held.get(kind, {}).get(part) or "") or part in always}
        for kind in kinds
    ]


def _status_fields(record: Json) -> Json:
    return {
        "UpdatedDateUTC": xero_dates.format_with_offset(record["UpdatedDateUTC"]),
        "ContactGroups": record.get("ContactGroups", []),
        "IsSupplier": record["IsSupplier"],
        "IsCustomer": record["IsCustomer"],
    }
