"""The edit form of a contact: its inputs in groups, and the contact that a submitted form describes.

An input is named by the path of its value in the record: "Phones.DEFAULT.PhoneNumber", "ContactPersons.0.FirstName".
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from posxero.practice.contact_sections import ADDRESS_TITLES, PHONE_TITLES, label
from posxero.practice.rules import MAX_CONTACT_PERSONS
from posxero.practice.shapes import ADDRESS_PARTS, PHONE_PARTS, Json

YES, NO = "Yes", "No"
AMOUNT_TYPES = ("", "INCLUSIVE", "EXCLUSIVE", "NONE")
TERM_TYPES = ("", "DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")
MAX_TRACKING_CATEGORIES = 2
LISTS = ("ContactPersons", "SalesTrackingCategories", "PurchasesTrackingCategories")
PAGE_FIELDS = ("IsCustomer", "IsSupplier", "Website", "Discount")  # fields that the API does not write


class Input(NamedTuple):
    """An input of the form; without `choices` it takes any text. `kind` is that of its value in the record."""

    label: str
    choices: tuple[str, ...] = ()
    kind: type = str


def _texts(*fields: str, prefix: str = "") -> dict[str, Input]:
    return {f"{prefix}{field}": Input(label(field)) for field in fields}


def _yes_or_no(*names: str) -> dict[str, Input]:
    return {name: Input(label(name.rpartition(".")[2]), (NO, YES), bool) for name in names}


def _terms(name: str) -> dict[str, Input]:
    prefix = f"PaymentTerms.{name}"
    return {f"{prefix}.Day": Input(f"{name}: day", kind=int), f"{prefix}.Type": Input(f"{name}: type", TERM_TYPES)}


def _person(number: int) -> dict[str, Input]:
    prefix = f"ContactPersons.{number}."
    return _texts("FirstName", "LastName", "EmailAddress", prefix=prefix) | _yes_or_no(f"{prefix}IncludeInEmails")


def _trade(name: str) -> dict[str, Input]:
    """Return the inputs of the defaults for sales or purchases."""
    tracking = [f"{name}TrackingCategories.{number}." for number in range(MAX_TRACKING_CATEGORIES)]
    parts = ("TrackingCategoryName", "TrackingOptionName")
    amounts = {f"{name}DefaultLineAmountType": Input("Amounts are tax", AMOUNT_TYPES)}
    categories = [_texts(*parts, prefix=prefix) for prefix in tracking]
    return {f"{name}DefaultAccountCode": Input("Account code")} | amounts | categories[0] | categories[1]


IDENTITY = ("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber", "AccountNumber", "CompanyNumber")
TAX = ("TaxNumber", "TaxNumberType", "AccountsReceivableTaxType", "AccountsPayableTaxType")
BANK = ("BankAccountNumber", "BankAccountName", "Details", "Code", "Reference")
GROUPS: tuple[tuple[str, dict[str, Input]], ...] = (
    ("Contact", _texts(*IDENTITY) | _yes_or_no("IsCustomer", "IsSupplier")),
    ("Tax and money", _texts(*TAX, "BankAccountDetails", "DefaultCurrency")),
    *((title, _texts(*reversed(PHONE_PARTS), prefix=f"Phones.{kind}.")) for kind, title in PHONE_TITLES.items()),
    *(
        (title, _texts("AttentionTo", *ADDRESS_PARTS[:-1], prefix=f"Addresses.{kind}."))
        for kind, title in ADDRESS_TITLES.items()
    ),
    *((f"Additional person {number + 1}", _person(number)) for number in range(MAX_CONTACT_PERSONS)),
    ("Sales", _trade("Sales")),
    ("Purchases", _trade("Purchases")),
    ("Payment terms", _terms("Sales") | _terms("Bills")),
    ("Batch payments", _texts(*BANK, prefix="BatchPayments.")),
    ("Other", _texts("Website", "XeroNetworkKey") | {"Discount": Input("Discount in percent", kind=float)}),
)
INPUTS = {name: field for _, inputs in GROUPS for name, field in inputs.items()}


def form_values(record: Json) -> dict[str, str]:
    """Return the values of the form by the names of its inputs."""
    return {name: _as_text(_value_at(record, name), field.kind) for name, field in INPUTS.items()}


def parse_form(form: Mapping[str, str], record: Json) -> tuple[Json, Json, list[str]]:
    """Return the element of a write, the fields that only pages write, and errors; missing inputs keep their value."""
    texts = form_values(record) | {name: form[name] for name in INPUTS if name in form}
    values: Json = {}
    errors = []
    for name, text in texts.items():
        try:
            values[name] = _parse(text, INPUTS[name].kind)
        except ValueError:
            errors.append(f"{INPUTS[name].label}: enter a number.")
    errors += [
        f"Payment terms for {name.lower()}: enter a day and a type, or neither."
        for name in ("Sales", "Bills")
        if bool(texts[f"PaymentTerms.{name}.Day"]) != bool(texts[f"PaymentTerms.{name}.Type"])
    ]
    if errors:
        return {}, {}, errors
    fields = _fields(_nested(values))
    kept = {name: value for name, value in fields.items() if value or name in record}
    return kept, {name: kept.pop(name) for name in PAGE_FIELDS if name in kept}, []


def _fields(tree: Json) -> Json:
    """Return the fields of a write from the nested values of the form."""
    terms = {name: part for name, part in tree["PaymentTerms"].items() if part["Day"] and part["Type"]}
    entries = {name: [_without_empty(entry) for entry in tree[name].values()] for name in LISTS}
    return (
        tree
        | {
            "Phones": [{"PhoneType": kind} | parts for kind, parts in tree["Phones"].items()],
            "Addresses": [{"AddressType": kind} | parts for kind, parts in tree["Addresses"].items()],
            "PaymentTerms": terms,
            "BatchPayments": {name: text for name, text in tree["BatchPayments"].items() if text},
        }
        | {name: [entry for entry in entries[name] if entry] for name in LISTS[1:]}
        | {LISTS[0]: entries[LISTS[0]]}
    )


def _value_at(record: Json, name: str) -> Any:
    value: Any = record
    for part in name.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = (value or {}).get(part)
    return value


def _nested(values: Mapping[str, Any]) -> Json:
    tree: Json = {}
    for name, value in values.items():
        *path, last = name.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree


def _as_text(value: Any, kind: type) -> str:
    if kind is bool:
        return YES if value else NO
    return "" if value is None else str(value)


def _parse(text: str, kind: type) -> Any:
    if kind is bool:
        return text == YES
    if kind is str:
        return text
    number = kind(text) if text else None
    if number is not None and not isfinite(number):
        raise ValueError(text)
    return number


def _without_empty(entry: Json) -> Json:
    """Return a list's entry without its empty texts, {} if nothing is left but a flag."""
    filled = {key: value for key, value in entry.items() if value != ""}
    return filled if any(isinstance(value, str) for value in filled.values()) else {}
