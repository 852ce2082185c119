"""Turn the parameters of GET /Contacts into one SQL statement."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posxero.practice import xero_dates
from posxero.practice.columns import Column, Columns, json_columns
from posxero.practice.filter_tokens import InvalidQuery, parse_guid
from posxero.practice.folding import fold

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
MAX_UNPAGED_CONTACTS = 100_000  # contacts in one answer; Xero refuses more with 400
RECORD_COLUMNS = json_columns(
    "Contact",
    "record",
    {
        "String": (
            "FirstName",
            "LastName",
            "CompanyNumber",
            "TaxNumber",
            "BankAccountDetails",
            "DefaultCurrency",
            "SalesDefaultAccountCode",
            "PurchasesDefaultAccountCode",
        ),
        "Boolean": ("IsCustomer", "IsSupplier"),
        "Guid": ("MergedToContactID",),
    },
)
COLUMNS = Columns(
    "Contact",
    {
        **RECORD_COLUMNS.by_name,
        "contactid": Column("contact_id", "Guid"),
        "contactstatus": Column("lower(status)", "String"),
        "name": Column("name", "String"),
        "emailaddress": Column("email", "String"),
        "accountnumber": Column("account", "String"),
        "contactnumber": Column("number", "String"),
        "updateddateutc": Column("updated", "DateTime"),
    },
)
WRITTEN_BY_API = "EXISTS (SELECT 1 FROM written_by_api WHERE written_by_api.contact_id = contact.contact_id)"


@dataclass(frozen=True)
class Page:
    """A page of stored contacts, and its place among all that were found."""

    records: list[tuple[str, bool]]  # with whether the API has written it
    number: int  # 0 where no page was requested
    size: int
    count: int

    @property
    def pages(self) -> int:
        """Return the number of pages."""
        return -(-self.count // self.size)


@dataclass
class Statement:
    """The conditions of a statement, which AND joins, and the values that are bound in them."""

    conditions: list[str]
    values: list[Any] = field(default_factory=list)

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition and its values."""
        self.conditions.append(condition)
        self.values.extend(values)

    @property
    def where(self) -> str:
        """Return the conditions as SQL."""
        return " AND ".join(self.conditions)


def find_contacts(database: sqlite3.Connection, tenant: str, parameters: Mapping[str, str], since: str) -> Page:
    """Find contacts by the parameters of a request; `since` is its If-Modified-Since header.

    Raises:
        InvalidQuery: where, order or IDs are not in Xero's language, or too many contacts were requested.
    """
    number, size = page_of(parameters)
    statement = _filtered(tenant, parameters, since, paged=number > 0)
    count = database.execute(f"SELECT count(*) FROM contact WHERE {statement.where}", statement.values).fetchone()[0]  # noqa: S608 - conditions are ours, values are bound
    if not number and count > MAX_UNPAGED_CONTACTS:
        raise InvalidQuery("Your request is not filtering Contacts efficiently, given the extremely high volume")
    order = f"{COLUMNS.order(parameters.get('order', ''), 'updated ASC')}, contact_id ASC"
    page = f"SELECT rowid FROM contact WHERE {statement.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - same
    chosen = f"SELECT record, {WRITTEN_BY_API} AS by_api FROM contact WHERE rowid IN ({page}) ORDER BY {order}"  # noqa: S608 - same; skipped rows are not read
    limits = (size, (number - 1) * size) if number else (-1, 0)
    rows = database.execute(chosen, (*statement.values, *limits))
    return Page([(row["record"], bool(row["by_api"])) for row in rows], number, size, count)


def page_of(parameters: Mapping[str, str]) -> tuple[int, int]:
    """Return the number of the requested page, 0 if none was requested, and its size."""
    number = _positive_int(parameters.get("page"), 0)
    if number < 1:
        number = 1 if _is_true(parameters.get("summaryOnly")) else 0
    return number, min(max(_positive_int(parameters.get("pageSize"), DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE)


def _filtered(tenant: str, parameters: Mapping[str, str], since: str, *, paged: bool) -> Statement:
    statement = Statement(["tenant_id = ?"], [tenant])
    if not _is_true(parameters.get("includeArchived")):
        statement.add("status = 'ACTIVE'")
    if parameters.get("IDs"):
        _add_ids(statement, parameters["IDs"])
    if parameters.get("where"):
        condition = COLUMNS.condition(parameters["where"])
        statement.add(condition.sql, *condition.values)
    if parameters.get("searchTerm") and paged:  # Xero ignores it where no page is requested
        statement.add("instr(search, ?) > 0", fold(parameters["searchTerm"]))
    modified_since = xero_dates.parse_if_modified_since(since) if since else None
    if modified_since is not None:
        statement.add("updated >= ?", modified_since)
    return statement


def _add_ids(statement: Statement, ids: str) -> None:
    wanted = [parse_guid(each.strip()) for each in ids.split(",") if each.strip()]
    statement.add(f"contact_id IN ({', '.join('?' * len(wanted))})", *wanted)


def _is_true(value: str | None) -> bool:
    return (value or "").lower() == "true"


def _positive_int(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else otherwise
